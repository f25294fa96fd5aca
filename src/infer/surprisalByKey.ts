import { stream } from '../check/stream.js';
import { checkModel } from '../model/checkModel.js';
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
import { fairQueue } from '../flow/fairQueue.js';
import { flag } from '../check/flag.js';
import { guarded } from '../flow/guarded.js';
import { queue } from '../flow/queue.js';
import { steadyClock } from '../flow/steadyClock.js';
import { timeSlice } from '../flow/timeSlice.js';
import type { Model } from '../model/model.js';
import type { Tensors, Token } from '../types.js';
import { checkKeyed } from './checkKeyed.js';
import { checkStreaming } from './checkStreaming.js';
import { idleSweep } from './idleSweep.js';
import { laneBatch } from './laneBatch.js';
import { invalidItem } from './invalidItem.js';
import type { LaneState } from './laneTapes.js';
import { liveWeights } from './liveWeights.js';
import type { Session } from './checkSession.js';
import { type EvictionReason, NotRestored, sessionStore } from './sessionStore.js';
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

/**
 * An item whose token is outside the model's vocabulary, or of a key whose session cannot be restored, with the members that it
 * has: what is not an object has none.
 */
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
  readonly lanes?: number | undefined;
  /** The most sessions to keep, at least `lanes`; one more evicts the least recently used; 1024 by default. */
  readonly maxSessions?: number | undefined;
  /**
   * Milliseconds without a token after which a session is evicted; never by default. A clock that is set back delays it
   * by as much once more at most.
   */
  readonly idle?: number | undefined;
  /** Called with each session that is evicted; its state is not overwritten later. */
  readonly evicted?: ((session: Session<K>, reason: EvictionReason) => void) | undefined;
  /** Restores an evicted session, which is copied; return `undefined` to start fresh, as without this function. */
  readonly restore?: (key: K) => Session<K> | undefined;
  /**
   * Receives each item whose token is outside the vocabulary; its key and the others go on as if it had not come. So it
   * does with each item of a key whose session cannot be restored. Without this function it is the error of the result,
   * which ends every key.
   */
  readonly onInvalid?: ((item: InvalidToken<K>) => void) | undefined;
  /**
   * For servers, whose tokens are pushed: after 8 milliseconds of scoring the event loop has its turn, and keys whose tokens
   * wait are served in turn, so that one with many does not make the others wait. Then only the results of one key are in
   * the order of its tokens, and up to 1,048,576 tokens wait; more are scored at once. `false` by default.
   */
  readonly fair?: boolean | undefined;
  /** How many of the most likely tokens to return with each; 0 by default. */
  readonly topK?: number | undefined;
  /** Weights that change while the streams are read; see `surprisal`. */
  readonly weights$?: Observable<Tensors> | undefined;
  /** Schedules the scoring of tokens that wait, and is the clock of `idle`; `asapScheduler` by default. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** So many tokens of keys that came before are passed over in each pass; more are put into their passes at once. */
const FEW = 32;

const NO_PLACES: number[] = [];

/** Tokens that may wait while the event loop has its turn, with `fair`. */
const MOST_WAITING = 0x100000;

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
 * `restore` returns the session that `evicted` received. Memory is that of the tapes of 1, 2, 4, … lanes and, for each
 * session, the numbers of its state and about 500 bytes: 1.5 kB with an LSTM of 128.
 *
 * Of what comes in at most `lanes` − 1 tokens wait when `next` returns, so that a demand bounds the whole pipeline. It
 * follows that tokens pushed in one turn are scored in that turn: 210,000 of them keep the event loop for seconds. With
 * `fair` they are not. Pulled tokens have their turns from their demand: `pull(tokens, yielding(unlimited))`.
 *
 * When the source ends or fails, the tokens that wait are scored and every session is evicted;
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
  checkModel('surprisalByKey', 'model', model);
  given = options('surprisalByKey', given, {
    lanes: optional(positiveInteger),
    maxSessions: anything, // checked below, where its default is known
    idle: optional(orInfinity(positive)),
    evicted: optional(callable),
    restore: optional(callable),
    onInvalid: optional(callable),
    fair: optional(flag),
    topK: optional(wholeNumber()),
    weights$: optional(stream),
    scheduler: anything,
  });
  const { lanes = 16, maxSessions = 1024, idle = Infinity, fair = false, topK = 0, scheduler = asapScheduler } = given;
  const { weights$, evicted, restore, onInvalid } = given;
  wholeNumber(lanes)('surprisalByKey', 'maxSessions', maxSessions);
  checkStreaming('surprisalByKey', model);

  return operator((subscriber) => {
    const live = liveWeights(model, weights$, subscriber);
    const batch = laneBatch('surprisalByKey', live.model, topK);
    const sessions = sessionStore<K>({
      maxSessions,
      inputSize: live.model.inputSize,
      zeros: live.model.zeroState(),
      evicted,
      restore,
    });
    const clock = idle === Infinity ? () => 0 : steadyClock(scheduler); // to look at one takes time
    const slice = timeSlice(scheduler);
    let waiting: KeyedToken<K>[] = []; // to be scored next, at most `lanes`
    const backlog = fair ? fairQueue<KeyedToken<K>>(({ key }) => key) : queue<KeyedToken<K>>(); // faster than they are scored
    let resting: Subscription | undefined;
    let ended: (() => void) | undefined; // what is left to do when no token waits any more
    const kept = {
      oldest: sessions.oldest,
      evict(limit: number, reason: EvictionReason) {
        if (resting === undefined) sessions.evict(limit, reason); // else a token of the session may wait
      },
    };
    const sweep = idleSweep({ sessions: kept, idle, scheduler, clock, subscriber, before: flush });
    // of the pass under way, lane by lane
    const streams: (LaneState & { tokens: number })[] = [];
    const tokens: Token[] = [];
    const scored: number[] = []; // places of the tokens
    let pass = 0;
    let tick: Subscription | undefined;
    let flushing = false;
    let index = 0;

    /** Scores tokens in passes, the first of each key together, then the second of each; returns them in their order. */
    function scoreInPasses(items: readonly KeyedToken<K>[], now: number): (KeyedSurprisal<K> | NotRestored)[] {
      const results: (KeyedSurprisal<K> | NotRestored)[] = [];
      let later = scorePass(items, undefined, now, results);
      while (later.length > 0 && later.length <= FEW) later = scorePass(items, later, now, results);
      if (later.length > 0) for (const places of passesOf(items, later)) scorePass(items, places, now, results);
      return results;
    }

    /**
     * Scores the tokens at some places, by default all, in one pass, but those of keys that came before in it, whose places
     * it returns.
     */
    function scorePass(
      items: readonly KeyedToken<K>[],
      places: readonly number[] | undefined,
      now: number,
      results: (KeyedSurprisal<K> | NotRestored)[],
    ): readonly number[] {
      pass++;
      let later = NO_PLACES;
      let rows = 0;
      const count = (places ?? items).length;
      for (let n = 0; n < count; n++) {
        const i = places === undefined ? n : places[n]!;
        const { key, token } = items[i]!;
        const session = sessions.join(key, pass, now, -1);
        if (session instanceof NotRestored) {
          results[i] = session;
          continue;
        }
        if (session === undefined) {
          if (later === NO_PLACES) later = [i];
          else later.push(i);
          continue;
        }
        scored[rows] = i;
        streams[rows] = session;
        tokens[rows] = token;
        rows++;
      }
      if (rows === 0) return later;
      batch.run(streams, tokens, rows);
      for (let lane = 0; lane < rows; lane++) {
        const i = scored[lane]!;
        streams[lane]!.tokens += 1;
        const { token, bits, rank, top } = batch.surprisal(lane);
        results[i] = { key: items[i]!.key, token, bits, rank, top };
      }
      return later;
    }

    function refuse(item: KeyedToken<K>, error: unknown): void {
      if (onInvalid === undefined) throw error;
      onInvalid(invalidItem(item, reasonOf(error)));
    }

    /** Scores the tokens that wait, and rests where the slice is used up, unless `all` are to be scored in this turn. */
    function flush(all = false): void {
      if (flushing) return; // an emission brought a token, which the loop below will score
      if (resting !== undefined && !all && backlog.length < MOST_WAITING) return;
      flushing = true;
      if (fair) slice.begin();
      while (waiting.length + backlog.length > 0 && !subscriber.closed) {
        while (waiting.length < lanes && backlog.length > 0) waiting.push(backlog.shift());
        const items = waiting;
        waiting = [];
        live.refresh();
        const results = scoreInPasses(items, clock());
        for (let i = 0; i < results.length; i++) {
          const result = results[i]!;
          if (result instanceof NotRestored) refuse(items[i]!, result.cause);
          else subscriber.next(result);
        }
        if (!fair || all || backlog.length >= MOST_WAITING || !slice.over()) continue;
        if (!subscriber.closed) resting ??= slice.rest(onRested);
        break;
      }
      flushing = false;
      if (waiting.length + backlog.length === 0) ended?.();
      sweep.watch();
    }

    const onTick = guarded(subscriber, () => {
      tick = undefined;
      flush();
    });
    const onRested = guarded(subscriber, () => {
      resting = undefined;
      flush();
    });

    /** Scores what waits, evicts every session, then ends the result. */
    function end(finish: () => void): void {
      ended = () => {
        ended = undefined;
        if (!subscriber.closed) sessions.evict(Infinity, 'end');
        finish();
      };
      flush();
    }

    return {
      next(given) {
        let item: KeyedToken<K>;
        try {
          checkKeyed('surprisalByKey', given, 'token');
          item = { key: given.key, token: given.token }; // read once: a getter may throw, and numbers change
          checkToken('surprisalByKey', item.token, live.model.outputSize, index++);
        } catch (error) {
          flush(onInvalid === undefined); // what came before it is scored first
          return refuse(given, error);
        }
        if (waiting.length < lanes && backlog.length === 0) waiting.push(item);
        else backlog.push(item);
        if (waiting.length >= lanes) flush();
        else if (!flushing) tick ??= scheduler.schedule(onTick);
      },
      error(error) {
        end(() => subscriber.error(error));
      },
      complete() {
        end(() => subscriber.complete());
      },
      close() {
        tick?.unsubscribe();
        sweep.stop();
        resting?.unsubscribe();
        waiting = [];
        backlog.clear();
        batch.release();
      },
    };
  });
}

/** The places of tokens by how many of the same key are before them: one list for each pass. */
function passesOf<K>(items: readonly KeyedToken<K>[], places: readonly number[]): number[][] {
  const passes: number[][] = [];
  const counts = new Map<K, number>();
  for (const i of places) {
    const { key } = items[i]!;
    const before = counts.get(key) ?? 0;
    counts.set(key, before + 1);
    if (before === passes.length) passes.push([]);
    passes[before]!.push(i);
  }
  return passes;
}
