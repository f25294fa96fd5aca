import { map, type OperatorFunction, pipe } from 'rxjs';
import { errorsOf } from './errorsOf.js';
import { measure } from './measure.js';
import type { Scored } from './stages.js';

/**
 * The root of the mean of `(output − target)²` over all outputs of the steps that count (RMSE): a measure for `evaluate`
 * and `validate`.
 *
 * ```
 *   squaredError            --s0-----s1-----s2--|
 *   rootMeanSquaredError()  --------------------(r|)
 * ```
 *
 * In the units of the targets. A TypeError for targets that are tokens, and unless there are as many as outputs.
 */
export function rootMeanSquaredError(): OperatorFunction<Scored, number> {
  return pipe(
    measure('rootMeanSquaredError', (scored) => {
      const errors = errorsOf('rootMeanSquaredError', scored);
      return errors.reduce((sum, error) => sum + error * error, 0) / errors.length;
    }),
    map((square) => Math.sqrt(square)),
  );
}
