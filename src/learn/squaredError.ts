import type { OperatorFunction } from 'rxjs';
import { type LossOptions, lossOperator } from './lossOperator.js';
import type { Scored, Unrolled } from './stages.js';

/**
 * Squared error `(output − target)²`, each output of a step a target of its own.
 *
 * ```
 *   unroll        --u0-----u1-----u2--|
 *   squaredError  --s0-----s1-----s2--|     s: mean squared error; its gradient 2 (output − target)
 * ```
 *
 * `torch.nn.MSELoss`. Errors where the targets are tokens or too few, and where the loss is not finite.
 */
export function squaredError(options: LossOptions = {}): OperatorFunction<Unrolled, Scored> {
  return lossOperator(
    'squaredError',
    options,
    ({ window: { targets, mask }, model, tape }, rows) => {
      if (targets instanceof Int32Array) throw new TypeError('squaredError: targets must be numbers, got tokens');
      const needed = rows * model.outputSize;
      if (targets.length !== needed)
        throw new RangeError(`squaredError: needs ${needed} targets, got ${targets.length}`);
      return model.kernel.squaredError(tape.outputGradient, tape.output, targets, mask, rows, model.outputSize);
    },
    ({ model }) => model.outputSize,
  );
}
