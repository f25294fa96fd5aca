import { asapScheduler, type Observable, type OperatorFunction, type SchedulerLike, type Subscription } from 'rxjs';
import { operator } from '../flow/operator.js';
import { checkSize } from '../layer/checkSize.js';
import type { Model } from '../model/model.js';
import type { Tensors } from '../types.js';
import { checkStreaming } from './checkStreaming.js';
import { laneBatch } from './laneBatch.js';
import { liveWeights } from './liveWeights.js';
import { checkToken, isToken } from './reader.js';
import { type KeyedSurprisal, type KeyedToken, scorePasses } from './scorePasses.js';
import { checkTopK } from './scorer.js';
import { type EvictionReason, type Session, sessionStore } from './sessionStore.js';

/** How many streams are held at once, and what becomes of the others. */
export interface SurprisalByKeyOptions<K> {
  /** The most tokens that wait for company, and so the most lanes of a pass: a positive integer; 16 by default. */
  readonly lanes?: number;
  /** The most sessions kept, at least `lanes`: one more, and the least recent is evicted; 1024 by default. */
  readonly maxSessions?: number;
  /** Milliseconds without a token after which a session is evicted; never by default. */
  readonly idle?: number;
  /** Is handed each session that is evicted, whose state is not written again. */
  readonly evicted?: (session: Session<K>, reason: EvictionReason) => void;
  /** What is known of a key that has no session; it is copied. Without it, or of `undefined`, the key starts afresh. */
  readonly restore?: (key: K) => Session<K> | undefined;
  /** How many of the likeliest tokens to give with each; 0 by default. */
  readonly topK?: number;
  /** Weights to go on with; see `surprisal`. */
  readonly weights$?: Observable<Tensors>;
  /** When tokens that wait are scored at the latest, and the clock of `idle`; `asapScheduler` by default. */
  readonly scheduler?: SchedulerLike;
}

/**
 * `surprisal` for many streams through one model: `groupBy` a key, one hidden state each, several in one pass.
 *
 * ```
 * tokens                 -(a1 b1 a2)----b2--|     a1: the first token of key a
 * surprisalByKey(model)  -(a1 b1 a2)----b2--|     { key, token, bits, rank, top }, in order; a1 and b1 in one pass
 * ```
 *
 * Tokens that come in one turn are scored together: when `lanes` of them wait, at the scheduler's next tick (a
 * microtask), or at the end. What a key gets is what `surprisal` would give it alone, to the bit, also over eviction
 * where `restore` gives back what `evicted` was handed. Memory is that of `maxSessions` states and of the tapes of 1,
 * 2, 4, … lanes. When the source ends or fails, what waits is scored and every session handed over; who leaves before
 * gets neither. Errors are those of `surprisal`.
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
  options: SurprisalByKeyOptions<K> = {},
): OperatorFunction<KeyedToken<K>, KeyedSurprisal<K>> {
  const { lanes = 16, maxSessions = 1024, idle = Infinity, topK = 0, scheduler = asapScheduler } = options;
  const { weights$, evicted, restore } = options;
  checkSize('surprisalByKey', 'lanes', lanes);
  checkTopK('surprisalByKey', topK);
  checkStreaming('surprisalByKey', model);
  if (!(Number.isSafeInteger(maxSessions) && maxSessions >= lanes)) {
    throw new RangeError(`surprisalByKey: maxSessions must be an integer from ${lanes} (lanes) up, got ${maxSessions}`);
  }
  if (!(idle > 0)) throw new RangeError(`surprisalByKey: idle must be a positive number of milliseconds, got ${idle}`);

  return operator((subscriber) => {
    const live = liveWeights(model, weights$, subscriber);
    const batch = laneBatch('surprisalByKey', live.model, topK);
    const sessions = sessionStore<K>({ maxSessions, zeros: live.model.zeroState(), evicted, restore });
    let waiting: KeyedToken<K>[] = [];
    let tick: Subscription | undefined;
    let sweeping: Subscription | undefined;
    let flushing = false;

    function flush(): void {
      tick?.unsubscribe();
      tick = undefined;
      if (flushing) return; // an emission brought a token: the loop below gets to it
      flushing = true;
      while (waiting.length > 0 && !subscriber.closed) {
        const items = waiting.splice(0, lanes);
        live.refresh();
        for (const scored of scorePasses(items, sessions, batch, scheduler.now())) subscriber.next(scored);
      }
      flushing = false;
      watch();
    }

    /** Sees to it that the least recent session is looked at when its time has come. */
    function watch(): void {
      const oldest = sessions.oldest();
      if (idle === Infinity || sweeping !== undefined || oldest === undefined || subscriber.closed) return;
      sweeping = scheduler.schedule(onSweep, Math.max(1, oldest + idle - scheduler.now()));
    }

    function sweep(): void {
      sweeping = undefined;
      flush();
      sessions.evict(scheduler.now() - idle, 'idle');
      watch();
    }

    /** What the scheduler calls: what it throws is the error of the result. */
    function guarded(work: () => void): () => void {
      return () => {
        try {
          work();
        } catch (error) {
          subscriber.error(error);
        }
      };
    }
    const onTick = guarded(flush);
    const onSweep = guarded(sweep);

    function end(): void {
      flush();
      if (!subscriber.closed) sessions.evict(Infinity, 'end');
    }

    return {
      next(item) {
        if (!isToken(item.token, live.model.outputSize)) flush();
        checkToken('surprisalByKey', item.token, live.model.outputSize);
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
