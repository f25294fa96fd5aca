import { reasonOf } from '../check/reasonOf.js';
import { asapScheduler, type Observable, type OperatorFunction, type SchedulerLike, type Subscription } from 'rxjs';
import { anything } from '../check/anything.js';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { orInfinity } from '../check/orInfinity.js';
import { positive } from '../check/positive.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { token as checkToken } from '../check/token.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { operator } from '../flow/operator.js';
import { steadyClock } from '../flow/steadyClock.js';
import type { Model } from '../model/model.js';
import type { Tensors, Token } from '../types.js';
import { checkStreaming } from './checkStreaming.js';
import { type LaneBatch, laneBatch } from './laneBatch.js';
import { liveWeights } from './liveWeights.js';
import { type EvictionReason, type Session, type SessionStore, sessionStore } from './sessionStore.js';
import type { Surprisal } from './surprisalOf.js';

/** A token of one of many streams, such as that of a user, a host or a log. */
export interface KeyedToken<K> {
  readonly key: K;
  readonly token: Token;
}

/** How surprising a token was in the stream of its key. */
export interface KeyedSurprisal<K> extends Surprisal {
  readonly key: K;
}

/** An item whose token is none of the model's. */
export interface InvalidToken<K> extends KeyedToken<K> {
  /** The text of the error that it would have been. */
  readonly reason: string;
}

/** How many streams are kept at once, and what happens to the others. */
export interface SurprisalByKeyOptions<K> {
  /**
   * The most tokens that wait to be scored together, and so the most lanes of a pass: a positive integer; 16 by
   * default.
   */
  readonly lanes?: number;
  /** The most sessions to keep, at least `lanes`; one more evicts the least recently used; 1024 by default. */
  readonly maxSessions?: number;
  /**
   * Milliseconds without a token after which a session is evicted; never by default. A clock that is set back delays it
   * by as much once more at most.
   */
  readonly idle?: number;
  /** Called with each session that is evicted; its state is not overwritten later. */
  readonly evicted?: (session: Session<K>, reason: EvictionReason) => void;
  /** Restores an evicted session, which is copied; return `undefined` to start fresh, as without this function. */
  readonly restore?: (key: K) => Session<K> | undefined;
  /**
   * Receives each item whose token is outside the vocabulary; its key and the others go on as if it had not come. Without
   * this function it is the error of the result, which ends every key.
   */
  readonly onInvalid?: (item: InvalidToken<K>) => void;
  /** How many of the most likely tokens to return with each; 0 by default. */
  readonly topK?: number;
  /** Weights that change while the streams are read; see `surprisal`. */
  readonly weights$?: Observable<Tensors>;
  /** Schedules the scoring of tokens that wait, and is the clock of `idle`; `asapScheduler` by default. */
  readonly scheduler?: SchedulerLike;
}

/**
 * Scores many streams through one model, as `surprisal` after `groupBy`: each key has its own hidden state, and several
 * keys share a pass.
 *
 * ```
 * tokens                 -(a1 b1 a2)----b2--|     a1: the first token of key a
 * surprisalByKey(model)  -(a1 b1 a2)----b2--|     { key, token, bits, rank, top }, in order; a1 and b1 in one pass
 * ```
 *
 * Tokens of one turn are scored together: when `lanes` of them wait, at the scheduler's next tick (a microtask), or at
 * the end. Each key gets the bits that `surprisal` would give it alone, exactly, and after an eviction, too, where
 * `restore` returns the session that `evicted` received. Memory is that of `maxSessions` states and of the tapes of 1,
 * 2, 4, … lanes. When the source ends or fails, the tokens that wait are scored and every session is evicted;
 * unsubscribing does neither. Errors are those of `surprisal`; with `onInvalid`, a bad token does not fail the result.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { linear, rnn, sequential, surprisalByKey } from 'rxrnn';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 4, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 4 }),
 * });
 * from([
 *   { key: 'ann', token: 1 },
 *   { key: 'bob', token: 1 },
 *   { key: 'ann', token: 2 },
 * ])
 *   .pipe(surprisalByKey(model))
 *   .subscribe(({ key, token, bits }) => console.log(key, token, bits.toFixed(2)));
 * // -> ann 1 1.79
 * // -> bob 1 1.79
 * // -> ann 2 1.88
 * ```
 */
export function surprisalByKey<K>(
  model: Model,
  given: SurprisalByKeyOptions<K> = {},
): OperatorFunction<KeyedToken<K>, KeyedSurprisal<K>> {
  options('surprisalByKey', given, {
    lanes: optional(positiveInteger),
    maxSessions: anything, // checked below, where its default is known
    idle: optional(orInfinity(positive)),
    evicted: optional(callable),
    restore: optional(callable),
    onInvalid: optional(callable),
    topK: optional(wholeNumber()),
    weights$: anything,
    scheduler: anything,
  });
  const { lanes = 16, maxSessions = 1024, idle = Infinity, topK = 0, scheduler = asapScheduler } = given;
  const { weights$, evicted, restore, onInvalid } = given;
  wholeNumber(lanes)('surprisalByKey', 'maxSessions', maxSessions);
  checkStreaming('surprisalByKey', model);

  return operator((subscriber) => {
    const live = liveWeights(model, weights$, subscriber);
    const batch = laneBatch('surprisalByKey', live.model, topK);
    const sessions = sessionStore<K>({ maxSessions, zeros: live.model.zeroState(), evicted, restore });
    const clock = steadyClock(scheduler);
    let waiting: KeyedToken<K>[] = [];
    let tick: Subscription | undefined;
    let sweeping: Subscription | undefined;
    let flushing = false;

    function flush(): void {
      tick?.unsubscribe();
      tick = undefined;
      if (flushing) return; // an emission brought a token, which the loop below will score
      flushing = true;
      while (waiting.length > 0 && !subscriber.closed) {
        const items = waiting.splice(0, lanes);
        live.refresh();
        for (const scored of scoreInPasses(items, sessions, batch, clock())) subscriber.next(scored);
      }
      flushing = false;
      watch();
    }

    /** Schedules a look at the least recent session for when it will have been idle long enough. */
    function watch(): void {
      const oldest = sessions.oldest();
      if (idle === Infinity || sweeping !== undefined || oldest === undefined || subscriber.closed) return;
      sweeping = scheduler.schedule(onSweep, Math.max(1, oldest + idle - clock()));
    }

    function sweep(): void {
      sweeping = undefined;
      flush();
      sessions.evict(clock() - idle, 'idle');
      watch();
    }

    /** Wraps what the scheduler calls, so that what it throws becomes the error of the result. */
    function guard(work: () => void): () => void {
      return () => {
        try {
          work();
        } catch (error) {
          subscriber.error(error);
        }
      };
    }
    const onTick = guard(flush);
    const onSweep = guard(sweep);

    function end(): void {
      flush();
      if (!subscriber.closed) sessions.evict(Infinity, 'end');
    }

    return {
      next(item) {
        try {
          checkToken('surprisalByKey', item.token, live.model.outputSize);
        } catch (error) {
          flush(); // what came before it is scored first
          if (onInvalid === undefined) throw error;
          return onInvalid({ ...item, reason: reasonOf(error) });
        }
        waiting.push(item);
        if (waiting.length >= lanes) flush();
        else if (!flushing) tick ??= scheduler.schedule(onTick);
      },
      error(error) {
        end();
        subscriber.error(error);
      },
      complete() {
        end();
        subscriber.complete();
      },
      close() {
        tick?.unsubscribe();
        sweeping?.unsubscribe();
        waiting = [];
        batch.release();
      },
    };
  });
}

/**
 * Scores tokens in passes, the first of each key together, then the second of each; returns them in their own order.
 */
function scoreInPasses<K>(
  items: readonly KeyedToken<K>[],
  sessions: SessionStore<K>,
  batch: LaneBatch,
  now: number,
): KeyedSurprisal<K>[] {
  const scored: KeyedSurprisal<K>[] = [];
  for (let left = [...items.keys()]; left.length > 0;) {
    const pass = new Map<K, number>();
    for (const i of left) if (!pass.has(items[i]!.key)) pass.set(items[i]!.key, i);
    const places = [...pass.values()];
    const streams = places.map((i) => sessions.touch(items[i]!.key, now, -1));
    const tokens = places.map((i) => items[i]!.token);
    const found = batch.run(streams, tokens);
    for (const stream of streams) stream.tokens += 1;
    for (const [lane, i] of places.entries()) scored[i] = { key: items[i]!.key, ...found[lane]! };
    left = left.filter((i) => pass.get(items[i]!.key) !== i);
  }
  return scored;
}
