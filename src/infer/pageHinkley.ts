import type { OperatorFunction } from 'rxjs';
import { operator } from '../flow/operator.js';
import type { Alarm } from './alarm.js';
import { makeTest, type PageHinkleyOptions } from './pageHinkleyTest.js';

/**
 * Detects changes of the mean of a stream of numbers, such as the surprisal of a log or the bits of its lines.
 *
 * ```
 * values         -1-2-1-9-9-9-9-1-|
 * pageHinkley()  -----------a-----|     a: { index: 5, since: 3, before, after }
 * ```
 *
 * With x̄ the mean so far, m = Σ (x − x̄ − delta) stays near its lowest value while the mean is stable, and rises from
 * there when the mean has risen; the alarm is `m − min m > threshold`. After an alarm it starts from the beginning. With
 * a forgetting factor below 1, `max(0, alpha · s + x − x̄ − delta)` takes the place of m − min m, as in river. Memory is
 * a few numbers; a `pageHinkleyTest` keeps them over restarts. Page, Continuous Inspection Schemes, 1954; Hinkley,
 * Inference about the Change-Point from Cumulative Sum Tests, 1971. A RangeError for values that are not finite, and for
 * those of 1e290 or more in size, whose sums might not be.
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
  makeTest('pageHinkley', given); // refuses wrong options at once
  return operator((subscriber) => {
    const test = makeTest('pageHinkley', given);
    return {
      next(value) {
        const alarm = test.add(value);
        if (alarm) subscriber.next(alarm);
      },
    };
  });
}
