import type { OperatorFunction } from 'rxjs';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { operator } from '../flow/operator.js';
import { checkRow, type SeriesRow } from './checkRow.js';
import { type Scaling, scalingOf } from './scalingOf.js';

/** What a scaling goes by. */
export interface ScalingOptions {
  /**
   * `deviation` (the default): each column gets mean 0 and standard deviation 1, that of the population; `range`: its least
   * value becomes 0 and its largest 1.
   */
  readonly by?: 'deviation' | 'range';
}

/**
 * Finds how to bring the columns of a series to a common size: a fold over its rows, emitted once when they complete.
 *
 * ```
 * rows       -r-r-r-r-|
 * scaling()  ---------(s|)     s.scale(row), s.unscale(row)
 * ```
 *
 * A column that does not change keeps its spread of 1. Memory is two numbers per column; mean and deviation are updated
 * row by row (Welford, 1962). Take it from the rows that are learned, not from those that are held out. A RangeError for a
 * series without rows, for rows of different width, and for numbers whose squares no number holds; errors for what is not
 * a row of finite numbers.
 *
 * ```ts
 * import { of } from 'rxjs';
 * import { scaling } from 'rxrnn';
 *
 * of([1, 10], [3, 10], [5, 10])
 *   .pipe(scaling({ by: 'range' }))
 *   .subscribe(({ centre, spread, scale }) => console.log(centre, spread, scale([2, 10])));
 * // -> [ 1, 10 ] [ 4, 1 ] [ 0.25, 0 ]
 * ```
 */
export function scaling(given: ScalingOptions = {}): OperatorFunction<SeriesRow, Scaling> {
  given = options('scaling', given, { by: optional(oneOf('deviation', 'range')) });
  const { by = 'deviation' } = given;
  return operator((subscriber) => {
    let count = 0;
    let size = 0;
    let first: number[] = []; // the mean, or the least
    let second: number[] = []; // the sum of squares around the mean, or the largest
    let changes: boolean[] = []; // whether the number is another than the first mean was
    return {
      next(row) {
        size = checkRow('scaling', count, row, size);
        count += 1;
        if (count === 1) {
          first = Array.from(row);
          second = by === 'range' ? [...first] : first.map(() => 0);
          changes = first.map(() => false);
          return;
        }
        for (let i = 0; i < size; i++) {
          const x = row[i]!;
          if (by === 'range') {
            first[i] = Math.min(first[i]!, x);
            second[i] = Math.max(second[i]!, x);
          } else {
            const error = x - first[i]!;
            changes[i] ||= error !== 0;
            first[i]! += error / count;
            second[i]! += error * (x - first[i]!);
          }
        }
      },
      complete() {
        if (count === 0) throw new RangeError('scaling: the series has no rows');
        const widths = by === 'range' ? second.map((x, i) => x - first[i]!) : second.map((x) => Math.sqrt(x / count));
        for (const [i, width] of widths.entries()) {
          const far = !(Number.isFinite(width) && Number.isFinite(first[i]));
          const near = by === 'deviation' && changes[i]! && second[i]! < 1e-290; // such squares have lost digits, or are 0
          if (!far && !near) continue;
          const what = far ? 'far apart' : 'near each other';
          throw new RangeError(
            `scaling: the numbers of column ${i} are too ${what} for their ${by}; change their unit`,
          );
        }
        const spread = widths.map((width) => (width > 0 ? width : 1));
        subscriber.next(scalingOf({ centre: first, spread }));
        subscriber.complete();
      },
    };
  });
}
