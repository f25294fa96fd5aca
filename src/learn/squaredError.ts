import type { OperatorFunction } from 'rxjs';
import { options as checkOptions } from '../check/options.js';
import { countNumbers } from './countNumbers.js';
import { loss } from './loss.js';
import type { Scored, Unrolled } from './stages.js';
import { weighted, WEIGHTED_CHECKS, type WeightedLossOptions } from './weighted.js';

/**
 * Squared error `(output − target)²`, one target per output of a step.
 *
 * ```
 *   unroll        --u0-----u1-----u2--|
 *   squaredError  --s0-----s1-----s2--|     s: mean squared error; its gradient 2 (output − target)
 * ```
 *
 * `torch.nn.MSELoss`; with a `weight` each target's error counts as often. Errors where the targets are tokens or too few, and where the loss is not finite.
 */
export function squaredError(options: WeightedLossOptions = {}): OperatorFunction<Unrolled, Scored> {
  options = checkOptions('squaredError', options, WEIGHTED_CHECKS);
  const { reduction, ...weights } = options;
  return loss('squaredError', { ...(reduction && { reduction }) }, ({ kernel, outputSize }) =>
    weighted('squaredError', weights, outputSize, outputSize, {
      width: outputSize,
      count: (window, rows) => countNumbers('squaredError', window, rows, outputSize),
      sum(losses, { output, outputGradient }, { targets, mask }, rows) {
        const numbers = targets as Exclude<typeof targets, Int32Array>; // `count` has checked it
        return kernel.squaredError(losses, outputGradient, output, numbers, mask, rows, outputSize);
      },
    }),
  );
}
