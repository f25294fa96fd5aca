import type { OperatorFunction } from 'rxjs';
import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positive } from '../check/positive.js';
import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';
import { countNumbers } from './countNumbers.js';
import { loss, type LossMeasure } from './loss.js';
import type { Scored, Unrolled } from './stages.js';
import { weighted, WEIGHTED_CHECKS, type WeightedLossOptions } from './weighted.js';

/** The weights, and details of the density. */
export interface GaussianNllOptions extends WeightedLossOptions {
  /** The least variance, in the square of the targets' unit: it bounds the loss from below; 1e-6 by default. */
  readonly eps?: number;
  /** Whether the constant `ln(2π) / 2` is added, so that the loss is −ln of the density; `false` by default. */
  readonly full?: boolean;
}

/**
 * Negative log-likelihood of targets under Gaussians whose mean and variance the model predicts, in nats.
 *
 * ```
 *   unroll       --u0-----u1-----u2--|
 *   gaussianNll  --s0-----s1-----s2--|     s: mean of (ln v + (target − mean)² / v) / 2 per target
 * ```
 *
 * A step of the model has two outputs per target: the means of all targets, then the logarithms of their variances, s; the
 * variance is `v = max(exp(s), eps)` and the standard deviation `exp(s / 2)`. `torch.nn.GaussianNLLLoss(mean, target,
 * exp(s))`, whose gradient passes the maximum by. Nix and Weigend, Estimating the mean and variance of the target
 * probability distribution, 1994.
 *
 * A RangeError where the model has an odd number of outputs; errors where the targets are tokens or too few, and where the
 * loss is not finite.
 */
export function gaussianNll(options: GaussianNllOptions = {}): OperatorFunction<Unrolled, Scored> {
  options = checkOptions('gaussianNll', options, { ...WEIGHTED_CHECKS, eps: optional(positive), full: optional(flag) });
  const { reduction, eps = 1e-6, full = false, ...weights } = options;
  return loss('gaussianNll', { ...(reduction && { reduction }) }, ({ outputSize }) => {
    if (outputSize % 2 !== 0) {
      throw new RangeError(
        `gaussianNll: needs a mean and a log-variance per target, the model has ${outputSize} outputs`,
      );
    }
    return weighted('gaussianNll', weights, outputSize / 2, outputSize, gaussian(outputSize / 2, eps, full));
  });
}

function gaussian(targetSize: number, eps: number, full: boolean): LossMeasure {
  const constant = full ? 0.5 * log(2 * Math.PI) : 0;
  return {
    width: targetSize,
    count: (window, rows) => countNumbers('gaussianNll', window, rows, targetSize),
    sum(losses, { output, outputGradient }, { targets, mask }, rows) {
      let sum = 0;
      for (let r = 0, i = 0; r < rows; r++) {
        const counts = mask?.[r] !== 0;
        for (let d = 0; d < targetSize; d++, i++) {
          const mean = r * 2 * targetSize + d;
          const spread = mean + targetSize;
          if (!counts) {
            outputGradient[mean] = outputGradient[spread] = losses[i] = 0;
            continue;
          }
          const error = output[mean]! - targets[i]!;
          const raw = exp(output[spread]!);
          const variance = Math.max(raw, eps);
          const square = (error * error) / variance;
          outputGradient[mean] = error / variance;
          outputGradient[spread] = (0.5 * (1 - square) * raw) / variance;
          sum += losses[i] = 0.5 * (log(variance) + square) + constant;
        }
      }
      return sum;
    },
  };
}
