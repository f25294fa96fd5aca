import type { OperatorFunction } from 'rxjs';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positive } from '../check/positive.js';
import { errorMeasure } from './errorMeasure.js';
import { loss } from './loss.js';
import type { Scored, Unrolled } from './stages.js';
import { weighted, WEIGHTED_CHECKS, type WeightedLossOptions } from './weighted.js';

/** The weights, and where the parabola becomes a line. */
export interface HuberOptions extends WeightedLossOptions {
  /** The error, in the unit of the targets, beyond which the loss grows as a line; 1 by default. */
  readonly delta?: number;
}

/**
 * Huber's loss: half of the squared error up to `delta`, a line beyond it, so that outliers pull no harder than that.
 *
 * ```
 *   unroll  --u0-----u1-----u2--|
 *   huber   --s0-----s1-----s2--|     s: mean loss per target; its gradient is the error held to [−delta, delta]
 * ```
 *
 * For the error e = output − target: `e² / 2` where |e| ≤ delta, else `delta (|e| − delta / 2)`. `torch.nn.HuberLoss`;
 * divided by delta it is `torch.nn.SmoothL1Loss` with beta = delta. Huber, Robust Estimation of a Location Parameter,
 * 1964. Errors where the targets are tokens or too few, and where the loss is not finite.
 */
export function huber(options: HuberOptions = {}): OperatorFunction<Unrolled, Scored> {
  options = checkOptions('huber', options, { ...WEIGHTED_CHECKS, delta: optional(positive) });
  const { reduction, delta = 1, ...weights } = options;
  return loss('huber', { ...(reduction && { reduction }) }, ({ outputSize }) =>
    weighted(
      'huber',
      weights,
      outputSize,
      outputSize,
      errorMeasure('huber', outputSize, 1, {
        loss: (e) => (Math.abs(e) <= delta ? 0.5 * e * e : delta * (Math.abs(e) - 0.5 * delta)),
        slope: (e) => Math.max(-delta, Math.min(delta, e)),
      }),
    ),
  );
}
