import { map, type OperatorFunction } from 'rxjs';
import { checkRow, type SeriesRow } from './checkRow.js';
import { checkScaling } from './checkScaling.js';
import type { Scaling } from './scalingOf.js';

/**
 * Scales the rows of a series: what `encode` is for symbols. The inverse is `map(unscale)`, of the same scaling.
 *
 * ```
 * rows                  -a-b-c-|     a = [25, 990]
 * scale(scalingOf(…))   -x-y-z-|     x = [1, -1]
 * ```
 *
 * A RangeError that names the row for one of another width and for numbers that are not finite, or would not be when
 * scaled.
 */
export function scale(scaling: Scaling): OperatorFunction<SeriesRow, number[]> {
  checkScaling('scale', 'scaling', scaling);
  return map((row, index) => {
    checkRow('scale', index, row, scaling.size);
    return scaling.scale(row, index);
  });
}
