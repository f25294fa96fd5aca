import type { OperatorFunction } from 'rxjs';
import { errorsOf } from './errorsOf.js';
import { measure } from './measure.js';
import type { Scored } from './stages.js';

/**
 * The mean of `|output − target|` over all outputs of the steps that count (MAE): a measure for `evaluate` and
 * `validate`.
 *
 * ```
 *   squaredError         --s0-----s1-----s2--|
 *   meanAbsoluteError()  --------------------(m|)
 * ```
 *
 * In the units of the targets. A TypeError for targets that are tokens, and unless there are as many as outputs.
 */
export function meanAbsoluteError(): OperatorFunction<Scored, number> {
  return measure('meanAbsoluteError', (scored) => {
    const errors = errorsOf('meanAbsoluteError', scored);
    return errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length;
  });
}
