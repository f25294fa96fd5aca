import type { OperatorFunction } from 'rxjs';
import { options as checkOptions } from '../check/options.js';
import { errorMeasure } from './errorMeasure.js';
import { loss } from './loss.js';
import type { Scored, Unrolled } from './stages.js';
import { weighted, WEIGHTED_CHECKS, type WeightedLossOptions } from './weighted.js';

/**
 * Absolute error `|output − target|`, one target per output of a step: its best constant is the median, so that a few wild
 * targets do not move it.
 *
 * ```
 *   unroll         --u0-----u1-----u2--|
 *   absoluteError  --s0-----s1-----s2--|     s: mean absolute error; its gradient sign(output − target)
 * ```
 *
 * `torch.nn.L1Loss`; the gradient is 0 where output and target are equal. Errors where the targets are tokens or too few,
 * and where the loss is not finite.
 */
export function absoluteError(options: WeightedLossOptions = {}): OperatorFunction<Unrolled, Scored> {
  options = checkOptions('absoluteError', options, WEIGHTED_CHECKS);
  const { reduction, ...weights } = options;
  return loss('absoluteError', { ...(reduction && { reduction }) }, ({ outputSize }) =>
    weighted(
      'absoluteError',
      weights,
      outputSize,
      outputSize,
      errorMeasure('absoluteError', outputSize, 1, {
        loss: (error) => Math.abs(error),
        slope: (error) => Math.sign(error),
      }),
    ),
  );
}
