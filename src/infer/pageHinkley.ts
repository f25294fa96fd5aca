import type { OperatorFunction } from 'rxjs';
import { finite } from '../check/finite.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positive } from '../check/positive.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import { operator } from '../flow/operator.js';
import type { Alarm } from './alarm.js';

/** Which changes of the mean raise an alarm. */
export interface PageHinkleyOptions {
  /**
   * Which changes of the mean count; `up` by default: later values are larger, as when a log becomes more surprising.
   */
  readonly direction?: 'up' | 'down' | 'both';
  /** Half of the smallest change worth an alarm, from 0 up, in the values' unit; 0.5 by default, for bits per token. */
  readonly delta?: number;
  /**
   * Raises the alarm when the sum of what exceeds the mean by more than `delta` is above this; 200 by default. A change
   * by d is found after about `threshold / (d − delta)` values; false alarms become exponentially rarer with it.
   */
  readonly threshold?: number;
  /** Values to estimate the mean from, at the start and after each alarm: a positive integer; 100 by default. */
  readonly minValues?: number;
}

/** The cumulative sum of one direction: its height over its lowest point, and the count and sum of values there. */
interface Walk {
  readonly sign: 1 | -1;
  height: number;
  count: number;
  sum: number;
}

/**
 * Detects changes of the mean of a stream of numbers, such as the surprisal of a log or the bits of its lines.
 *
 * ```
 * values         -1-2-1-9-9-9-9-1-|
 * pageHinkley()  -----------a-----|     a: { index: 5, since: 3, before, after }
 * ```
 *
 * With x̄ the mean so far, m = Σ (x − x̄ − delta) stays near its lowest value while the mean is stable, and rises from
 * there when the mean has risen; the alarm is `m − min m > threshold`. After an alarm it starts from the beginning.
 * Memory is a few numbers. Page, Continuous Inspection Schemes, 1954; Hinkley, Inference about the Change-Point from
 * Cumulative Sum Tests, 1971. A RangeError for values that are not finite.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { pageHinkley } from 'rxrnn';
 *
 * from([1, 2, 1, 2, 9, 9, 9, 9])
 *   .pipe(pageHinkley({ minValues: 4, threshold: 10 }))
 *   .subscribe((alarm) => console.log(alarm)); // -> { index: 6, since: 4, before: 1.5, after: 9 }
 * ```
 */
export function pageHinkley(given: PageHinkleyOptions = {}): OperatorFunction<number, Alarm> {
  options('pageHinkley', given, {
    direction: optional(oneOf('up', 'down', 'both')),
    delta: optional(finite(0)),
    threshold: optional(positive),
    minValues: optional(positiveInteger),
  });
  const { direction = 'up', delta = 0.5, threshold = 200, minValues = 100 } = given;
  const signs = ([1, -1] as const).filter((sign) => direction === 'both' || sign === (direction === 'up' ? 1 : -1));

  return operator((subscriber) => {
    let index = -1;
    let count = 0;
    let sum = 0;
    let walks: readonly Walk[] = [];

    function start(): void {
      count = sum = 0;
      walks = signs.map((sign) => ({ sign, height: 0, count: 0, sum: 0 }));
    }
    start();

    return {
      next(value) {
        index += 1;
        if (!Number.isFinite(value)) refuse('pageHinkley', `value ${index}`, 'a finite number', value, 'number');
        count += 1;
        sum += value;
        const excess = value - sum / count;
        for (const walk of walks) {
          walk.height += walk.sign * excess - delta;
          if (walk.height <= 0) {
            walk.height = 0;
            walk.count = count;
            walk.sum = sum;
          }
        }
        const found = count > minValues ? walks.find(({ height }) => height > threshold) : undefined;
        if (!found) return;
        const recent = count - found.count;
        const alarm = {
          index,
          since: index - recent + 1,
          before: found.sum / found.count,
          after: (sum - found.sum) / recent,
        };
        start();
        subscriber.next(alarm);
      },
    };
  });
}
