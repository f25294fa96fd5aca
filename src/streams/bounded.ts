import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import { options as checkOptions } from '../check/options.js';
import { operator } from '../flow/operator.js';
import { pull } from '../flow/pull.js';
import { BOUNDED_CHECKS, type BoundedOptions, pushQueue } from '../flow/pushQueue.js';

/**
 * Puts a queue with a limit after a source that cannot be stopped, such as events, and passes its values on by demand.
 *
 * ```
 * source:                                             -abcd-------|
 * demand:                                             --1----2----1
 * bounded({ limit: 2, overflow: 'dropOldest', … }):   --a----(cd)-|     b was dropped
 * ```
 *
 * The end and errors of the source come after the values that wait, the Error of an overflow too. Without a `demand`
 * it passes everything on at once, and the queue stays empty. A RangeError for a `limit` that is not a positive integer
 * and an unknown `overflow`.
 *
 * ```ts
 * import { Subject } from 'rxjs';
 * import { requested } from 'rxrnn';
 * import { bounded } from 'rxrnn/streams';
 *
 * const [reading$, demand$] = [new Subject<number>(), new Subject<number>()];
 * reading$
 *   .pipe(bounded({ limit: 2, overflow: 'dropOldest', demand: requested(demand$) }))
 *   .subscribe((reading) => console.log(reading));
 * for (const reading of [1, 2, 3]) reading$.next(reading);
 * demand$.next(2);
 * // -> 2
 * // -> 3
 * ```
 */
export function bounded<T>(options: BoundedOptions<T> = {}): MonoTypeOperatorFunction<T> {
  const { demand, ...rest } = checkOptions<BoundedOptions<T>>('bounded', options, BOUNDED_CHECKS);
  return (source) =>
    new Observable((subscriber) => {
      const queue = pushQueue<T>('bounded', rest);
      pull(() => queue.cursor, demand).subscribe(subscriber);
      const upstream = operator<T, never>((link) => ({
        next(value) {
          queue.push(value);
          if (queue.closed) link.complete(); // it overflowed, or its reader has left: the source stops, in mid-emission too
        },
        error: queue.fail,
        complete: queue.end,
      }));
      subscriber.add(source.pipe(upstream).subscribe());
    });
}
