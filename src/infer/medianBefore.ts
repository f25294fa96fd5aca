import type { MonoTypeOperatorFunction } from 'rxjs';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import { operator } from '../flow/operator.js';
import { sortedWindow } from './sortedWindow.js';

/** What a median is taken of. */
export interface MedianBeforeOptions {
  /** How many of the last numbers are kept: 16384 by default. */
  readonly most?: number;
}

/**
 * Gives for each number the median of those before it: what was usual until then, which a few outliers do not move.
 *
 * ```
 * values          -3-1-2-9-|
 * medianBefore()  -3-3-3-2-|     the first number itself, where there is none before it
 * ```
 *
 * Of an even count it is the upper of the two in the middle. Memory is at most `most` numbers, twice, and each one costs a
 * binary search and a move. A RangeError for values that are not finite.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { medianBefore } from 'rxrnn';
 *
 * from([3, 1, 2, 9])
 *   .pipe(medianBefore())
 *   .subscribe((usual) => console.log(usual));
 * // -> 3
 * // -> 3
 * // -> 3
 * // -> 2
 * ```
 */
export function medianBefore(given: MedianBeforeOptions = {}): MonoTypeOperatorFunction<number> {
  const { most = 16384 } = options('medianBefore', given, { most: optional(positiveInteger) });
  return operator((subscriber) => {
    const kept = sortedWindow(most);
    let index = 0;
    return {
      next(value) {
        if (!Number.isFinite(value)) refuse('medianBefore', `value ${index}`, 'a finite number', value, 'number');
        index += 1;
        const size = kept.size();
        const median = size === 0 ? value : kept.sorted()[size >> 1]!;
        kept.keep(value);
        subscriber.next(median);
      },
    };
  });
}
