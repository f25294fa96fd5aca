import {
  asapScheduler,
  map,
  type MonoTypeOperatorFunction,
  type OperatorFunction,
  pipe,
  type SchedulerLike,
} from 'rxjs';
import { reasonOf } from '../check/reasonOf.js';
import { operator } from '../flow/operator.js';
import { steadyClock } from '../flow/steadyClock.js';
import { backpropagate } from '../learn/backpropagate.js';
import { clipGradNorm } from '../learn/clipGradNorm.js';
import { optimize } from '../learn/optimize.js';
import type { Optimizer } from '../learn/optimizer.js';
import type { Differentiated, Scored, Unrolled } from '../learn/stages.js';
import type { Model, Tape } from '../model/model.js';
import type { Random } from '../random/random.js';
import type { State, TrainingStep, Window } from '../types.js';
import { checkKeyed } from './checkKeyed.js';
import { idleSweep } from './idleSweep.js';
import { learner } from './learner.js';
import type { Session } from './checkSession.js';
import { type EvictionReason, NotRestored, sessionStore } from './sessionStore.js';

/** What learns, and how many streams are kept at once. */
export interface ByKeyOptions<K, P> {
  /** What updates the parameters; each model needs its own. */
  readonly optimizer: Optimizer;
  /** Targets per window of a key: how far back the gradient reaches; 25 by default, 1 learns after every item. */
  readonly steps?: number;
  /** `crossEntropy()` for tokens, that of the head for rows. */
  readonly loss?: OperatorFunction<Unrolled, Scored>;
  /** `clipGradNorm(5)` by default; rxjs's `identity` for none. */
  readonly clip?: MonoTypeOperatorFunction<Differentiated>;
  /** The generator that layers with dropout draw from while learning; without it nothing is dropped. */
  readonly dropoutRandom?: Random | undefined;
  /** The most sessions to keep; one more evicts the least recently used, after learning its rest; 1024 by default. */
  readonly maxSessions?: number;
  /**
   * Milliseconds without an item after which a session is evicted, after learning its rest; never by default. A clock that is
   * set back delays it by as much once more at most.
   */
  readonly idle?: number | undefined;
  /** The clock of `idle`; `asapScheduler` by default. */
  readonly scheduler?: SchedulerLike | undefined;
  /** Called with each session that is evicted; its state is not overwritten later. */
  readonly evicted?: (session: Session<K, P>, reason: EvictionReason) => void;
  /** Restores an evicted session, which is copied; return `undefined` to start fresh, as without this function. */
  readonly restore?: (key: K) => Session<K, P> | undefined;
}

/** The items of one kind of stream: how a model reads them, judges them before it reads them, and learns from them. */
export interface StreamOf<T, P, J> {
  readonly tape: Tape;
  /** Checks an item and returns it as the model reads it. */
  take(item: T, index: number): P;
  /** Reads an item. */
  read(item: P): void;
  /** Compares an item with what the model expects after those read. */
  judge(item: P): J;
  /** The window of items one after another: the first is the input before the others, which are the targets. */
  window(items: readonly P[]): Window;
}

/** What differs between streams of tokens and of rows: items I of a key K, with values T, kept as S and read as P. */
export interface Kind<K, I, T, S, P, J, R> {
  open(): StreamOf<T, P, J>;
  /** What the model reads before the first item of a key; undefined: nothing, and that item is not scored. */
  readonly start: S | undefined;
  itemOf(item: I): T;
  /** The name of that member of an item, for messages. */
  readonly part: string;
  /** A value as a session keeps it. */
  kept(value: T): S;
  readonly refused: ((item: I, reason: string) => void) | undefined;
  result(key: K, value: T, judged: J, count: number, learned: TrainingStep | undefined): R;
}

/** What of a key is not learned yet. */
interface Pending<P> {
  /** The state before the first of the items is read. */
  state: State;
  items: P[];
}

/** Learns each key's items from the state of the key: what tokens and rows have in common. `who` is the operator, for messages. */
export function learnByKey<K, I extends { readonly key: K }, T, S extends T, P, J, R>(
  who: string,
  model: Model,
  given: ByKeyOptions<K, S> & { readonly loss: OperatorFunction<Unrolled, Scored> },
  kind: Kind<K, I, T, S, P, J, R>,
): OperatorFunction<I, R> {
  const {
    optimizer,
    steps = 25,
    loss,
    clip = clipGradNorm(5),
    dropoutRandom,
    maxSessions = 1024,
    idle = Infinity,
    scheduler = asapScheduler,
    evicted,
    restore,
  } = given;
  const learn = pipe(loss, backpropagate(model), clip, optimize(model, optimizer));

  return operator((subscriber) => {
    const stream = kind.open();
    const tape = model.tape(steps, 1);
    const norms: number[] = [];
    const pendingOf = new Map<K, Pending<P>>();
    const sessions = sessionStore<K, S | undefined>({
      who,
      maxSessions,
      inputSize: kind.start === undefined ? undefined : model.inputSize,
      zeros: model.zeroState(),
      checkPrevious(previous) {
        if (kind.start === undefined && previous !== undefined) stream.take(previous, index);
      },
      evicted(session, reason) {
        learnPending(session.key);
        pendingOf.delete(session.key);
        evicted?.(session as Session<K, S>, reason);
      },
      restore,
    });
    const clock = steadyClock(scheduler);
    const sweep = idleSweep({ sessions, idle, scheduler, clock, subscriber });
    let index = 0;
    const unrolled = map(({ state, items }: Pending<P>): Unrolled => {
      const window = stream.window(items);
      tape.setState(state);
      tape.forward(window.inputs, window.steps, { dropoutRandom });
      return { window, model, tape, pass: tape.passes, norms };
    });
    const learnFrom = learner(pipe(unrolled, learn), subscriber);

    function learnPending(key: K): TrainingStep | undefined {
      const pending = pendingOf.get(key);
      if (!pending || pending.items.length < 2 || subscriber.closed) return undefined;
      const learned = learnFrom(pending);
      if (subscriber.closed) return undefined; // what was learned was an error
      pending.state = tape.state();
      pending.items = pending.items.slice(-1);
      return learned;
    }
    function refuse(item: I, error: unknown): void {
      if (!kind.refused) throw error;
      kind.refused(item, reasonOf(error));
    }
    function endAll(): void {
      sessions.evict(Infinity, 'end');
    }

    return {
      next(item) {
        let key: K;
        let value: T;
        let taken: P;
        try {
          checkKeyed(who, item, kind.part);
          ({ key } = item); // read once: a getter may throw
          value = kind.itemOf(item);
          taken = stream.take(value, index++);
        } catch (error) {
          return refuse(item, error);
        }
        const session = sessions.join(key, index, clock(), kind.start)!; // each item is a pass
        if (session instanceof NotRestored) return refuse(item, session.cause);
        const { previous } = session;
        let judged: J | undefined;
        const { numbers, place } = session;
        let pending = pendingOf.get(key);
        stream.tape.writeLane(0, numbers, place);
        if (previous !== undefined) {
          const before = previous === kind.start ? (previous as unknown as P) : stream.take(previous, index);
          if (!pending) pendingOf.set(key, (pending = { state: stream.tape.state(), items: [before] }));
          stream.read(before);
          judged = stream.judge(taken);
          stream.tape.readLane(0, numbers, place);
        } else {
          pendingOf.set(key, (pending = { state: stream.tape.state(), items: [] }));
        }
        pending.items.push(taken);
        session.previous = kind.kept(value);
        session.tokens += 1;
        // before `next`, which may bring the next item
        const learned = pending.items.length > steps ? learnPending(key) : undefined;
        if (judged !== undefined && !subscriber.closed) {
          subscriber.next(kind.result(key, value, judged, session.tokens, learned));
        }
        sweep.watch();
      },
      error(error) {
        endAll();
        subscriber.error(error);
      },
      complete() {
        endAll();
        if (!subscriber.closed) subscriber.complete();
      },
      close() {
        sweep.stop();
        stream.tape.release();
        tape.release();
      },
    };
  });
}
