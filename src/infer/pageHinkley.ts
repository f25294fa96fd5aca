import type { OperatorFunction } from 'rxjs';
import { operator } from '../flow/operator.js';
import { checkSize } from '../layer/checkSize.js';
import type { Alarm } from './alarm.js';
import { checkValue } from './checkValue.js';

/** Which changes of the mean raise an alarm. */
export interface PageHinkleyOptions {
  /** Which changes of the mean count; `up` by default: what comes is more surprising than what was. */
  readonly direction?: 'up' | 'down' | 'both';
  /** Half of the smallest change worth an alarm, from 0 up, in the values' unit; 0.5 by default, for bits of tokens. */
  readonly delta?: number;
  /**
   * The sum of what exceeds the mean by more than `delta` that raises the alarm, above 0; 200 by default. A change by d
   * is found after about `threshold / (d − delta)` values; false alarms grow rarer exponentially with it.
   */
  readonly threshold?: number;
  /** Values to learn the mean from before the first alarm, and after each: a positive integer; 100 by default. */
  readonly minValues?: number;
}

/** The walk of one direction: its height over its lowest point, and how many values there were then. */
interface Walk {
  readonly sign: 1 | -1;
  height: number;
  count: number;
  sum: number;
}

/**
 * Tells when the mean of a stream of numbers has changed, such as the surprisal of a log or the bits of its lines.
 *
 * ```
 * values         -1-2-1-9-9-9-9-1-|
 * pageHinkley()  -----------a-----|     a: { index: 5, since: 3, before, after }
 * ```
 *
 * With x̄ the mean so far, m = Σ (x − x̄ − delta) stays near its lowest value while the mean holds, and rises from
 * there when the mean has risen; the alarm is `m − min m > threshold`. After an alarm everything starts afresh. A few
 * numbers of memory. Page, Continuous Inspection Schemes, 1954; Hinkley, Inference about the Change-Point from
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
export function pageHinkley(options: PageHinkleyOptions = {}): OperatorFunction<number, Alarm> {
  const { direction = 'up', delta = 0.5, threshold = 200, minValues = 100 } = options;
  if (!['up', 'down', 'both'].includes(direction)) {
    throw new RangeError(`pageHinkley: direction must be up, down or both, got ${direction as string}`);
  }
  if (!(delta >= 0 && delta < Infinity)) throw new RangeError(`pageHinkley: delta must be 0 or more, got ${delta}`);
  if (!(threshold > 0)) throw new RangeError(`pageHinkley: threshold must be above 0, got ${threshold}`);
  checkSize('pageHinkley', 'minValues', minValues);
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
        checkValue('pageHinkley', value, index);
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
