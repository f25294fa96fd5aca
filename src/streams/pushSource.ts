import { Observable } from 'rxjs';
import { oneOf } from '../check/oneOf.js';
import { options as checkOptions } from '../check/options.js';
import { optional } from '../check/optional.js';
import { pull } from '../flow/pull.js';
import { queue as makeQueue } from '../flow/queue.js';
import { BOUNDED_CHECKS, type BoundedOptions, type Overflow, pushQueue } from '../flow/pushQueue.js';

/** How many pushed values may wait, and what becomes of one more. */
export interface PushSourceOptions<T> extends Omit<BoundedOptions<T>, 'overflow'> {
  /**
   * What becomes of one more: the stream fails, the oldest or the new one is dropped, or `push` gives a promise to wait
   * for; `'error'` by default.
   */
  readonly overflow?: Overflow | 'block' | undefined;
}

/** A source that code of yours pushes values into; `Pushed` is what `push` gives. */
export interface PushSource<T, Pushed = boolean> {
  /** The values, from the first that was pushed; it can be subscribed to once. */
  readonly values$: Observable<T>;
  /** Values that wait for their reader. */
  readonly waiting: number;
  /** Whether nothing more is taken: it ended, failed, or its reader has left. */
  readonly closed: boolean;
  /** Whether the value was taken, and no other dropped for it; with `'block'` a promise of it. */
  push(value: T): Pushed;
  /** Completes `values$`, after the values that wait. */
  complete(): void;
  /** Fails `values$`, after the values that wait. */
  error(error: unknown): void;
}

/** Options of a source whose producer can wait. */
type Blocking<T> = PushSourceOptions<T> & { readonly overflow: 'block' };

/**
 * Makes a source that code of yours pushes values into, with a limit on how many wait, and a policy for one more.
 *
 * ```
 * push:                                       abcde
 * demand:                                     -----2----1
 * limit 2, overflow 'error':                  -----(ab)-#       at c it has failed
 * limit 2, overflow 'dropOldest':             -----(de)--
 * limit 2, overflow 'dropNewest':             -----(ab)--
 * limit 2, overflow 'block':                  -----(ab)-c       the promises of c, d and e wait for their turns
 * ```
 *
 * With `'block'` the promise of a push resolves once the value has its place in the queue; while one waits, the next ones
 * wait after it, at most `limit` of them: one more is rejected, since its producer does not wait. Values that are pushed
 * before anybody subscribes wait as well. When the reader leaves, what waits is dropped and `push` gives false.
 *
 * ```ts
 * import { concatMapBounded, credit } from 'rxrnn';
 * import { pushSource } from 'rxrnn/streams';
 *
 * const inFlight = credit({ high: 1 });
 * const lines = pushSource<string>({ limit: 1, overflow: 'block', demand: inFlight });
 * lines.values$
 *   .pipe(concatMapBounded(inFlight, async (line) => line.toUpperCase()))
 *   .subscribe((line) => console.log(line));
 * for (const line of ['a', 'b', 'c']) await lines.push(line); // no faster than they are read
 * lines.complete();
 * // -> A
 * // -> B
 * // -> C
 * ```
 */
export function pushSource<T>(options: Blocking<T>): PushSource<T, Promise<boolean>>;
export function pushSource<T>(options?: PushSourceOptions<T>): PushSource<T>;
export function pushSource<T>(options: PushSourceOptions<T> = {}): PushSource<T, boolean | Promise<boolean>> {
  options = checkOptions<PushSourceOptions<T>>('pushSource', options, {
    ...BOUNDED_CHECKS,
    overflow: optional(oneOf('error', 'dropOldest', 'dropNewest', 'block')),
  });
  const { demand, limit = 1024, overflow = 'error', onDrop } = options;
  const blocks = overflow === 'block';
  const queue = pushQueue<T>('pushSource', { limit, onDrop, ...(!blocks && { overflow }) }, admit);
  const blocked = makeQueue<{ readonly value: T; readonly resolve: (taken: boolean) => void }>();
  let ended: (() => void) | undefined; // once those that are blocked have their places
  let subscribed = false;

  /** Gives places to values that are blocked. */
  function admit(): void {
    while (blocked.length > 0 && (queue.closed || queue.waiting < limit)) {
      const { value, resolve } = blocked.shift();
      resolve(queue.push(value));
    }
    if (blocked.length === 0) ended?.();
  }
  function pushOrWait(value: T): Promise<boolean> {
    if (ended !== undefined) return Promise.resolve(false);
    if (queue.closed || (blocked.length === 0 && queue.waiting < limit)) return Promise.resolve(queue.push(value));
    if (blocked.length === limit) {
      return Promise.reject(
        new Error(`pushSource: ${limit} pushes wait already; wait for the promise of each push before the next`),
      );
    }
    return new Promise((resolve) => blocked.push({ value, resolve }));
  }
  function finish(end: () => void): void {
    ended ??= end;
    admit();
  }

  return {
    values$: new Observable((subscriber) => {
      if (subscribed) throw new Error('pushSource: values$ can be subscribed to once; share() it for several readers');
      subscribed = true;
      pull(() => queue.cursor, demand).subscribe(subscriber);
    }),
    get waiting() {
      return queue.waiting + blocked.length;
    },
    get closed() {
      return queue.closed || ended !== undefined;
    },
    push: blocks ? pushOrWait : queue.push,
    complete: () => finish(queue.end),
    error: (error) => finish(() => queue.fail(error)),
  };
}
