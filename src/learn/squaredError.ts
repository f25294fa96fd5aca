import type { OperatorFunction } from 'rxjs';
import { countUnmasked } from './countUnmasked.js';
import { loss, type LossOptions } from './loss.js';
import type { Scored, Unrolled } from './stages.js';

/**
 * Squared error `(output − target)²`, one target per output of a step.
 *
 * ```
 *   unroll        --u0-----u1-----u2--|
 *   squaredError  --s0-----s1-----s2--|     s: mean squared error; its gradient 2 (output − target)
 * ```
 *
 * `torch.nn.MSELoss`. Errors where the targets are tokens or too few, and where the loss is not finite.
 */
export function squaredError(options: LossOptions = {}): OperatorFunction<Unrolled, Scored> {
  return loss('squaredError', options, ({ kernel, outputSize }) => ({
    width: outputSize,
    count(window, rows) {
      const { targets } = window;
      if (targets instanceof Int32Array) throw new TypeError('squaredError: targets must be numbers, got tokens');
      const needed = rows * outputSize;
      if (targets.length !== needed) {
        throw new RangeError(`squaredError: needs ${needed} targets, got ${targets.length}`);
      }
      return countUnmasked(window) * outputSize;
    },
    sum(losses, { output, outputGradient }, { targets, mask }, rows) {
      const numbers = targets as Exclude<typeof targets, Int32Array>; // `count` has checked it
      return kernel.squaredError(losses, outputGradient, output, numbers, mask, rows, outputSize);
    },
  }));
}
