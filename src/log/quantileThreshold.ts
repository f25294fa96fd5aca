import type { OperatorFunction } from 'rxjs';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import { operator } from '../flow/operator.js';
import { quantileLimit } from './quantileLimit.js';
import { thresholdOf } from './thresholdOf.js';

/** What counts as rare. */
export interface QuantileThresholdOptions {
  /** One value in so many is above the threshold; 1000 by default. */
  readonly oneIn?: number | undefined;
  /** Values before any is above it; 100 by default. */
  readonly minValues?: number | undefined;
}

/** A value beside the threshold of those before it; plain JSON. */
export interface Rare {
  readonly value: number;
  /** Infinity while there are too few values. */
  readonly threshold: number;
  readonly above: boolean;
}

/**
 * Says which values are rarely so large, by a quantile of the values so far.
 *
 * ```
 * values               -v-v-v-v-|
 * quantileThreshold()  -r-r-r-r-|     r: { value, threshold, above }
 * ```
 *
 * Values from 0 to 64 are counted in sixteenths, larger ones as 64, smaller ones as 0; the counts have a half-life of about
 * 14 × `oneIn` values. With fewer than 2 × `oneIn` values the threshold is at least 1.4 times what one in a hundred is
 * above. Memory is 1024 counts. A RangeError for values that are not finite.
 *
 * ```ts
 * import { from, last } from 'rxjs';
 * import { quantileThreshold } from 'rxrnn';
 *
 * from([...Array.from({ length: 500 }, (_, i) => i % 5), 30])
 *   .pipe(quantileThreshold(), last())
 *   .subscribe(({ above, threshold }) => console.log(above, threshold < 8)); // -> true true
 * ```
 */
export function quantileThreshold(given: QuantileThresholdOptions = {}): OperatorFunction<number, Rare> {
  given = options('quantileThreshold', given, {
    oneIn: optional(positiveInteger),
    minValues: optional(positiveInteger),
  });
  const { oneIn = 1000, minValues = 100 } = given;
  return operator((subscriber) => {
    const threshold = thresholdOf(oneIn, minValues, quantileLimit(1.4, 0));
    let count = 0;
    return {
      next(value) {
        if (!Number.isFinite(value)) refuse('quantileThreshold', `value ${count}`, 'a finite number', value, 'number');
        count += 1;
        const limit = threshold.value;
        threshold.add(value);
        subscriber.next({ value, threshold: limit, above: value > limit });
      },
    };
  });
}
