import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { leastAverage } from '../kernel/leastAverage.js';
import { betas as checkBetas } from './betas.js';
import { epsilon as checkEpsilon } from './epsilon.js';
import { groupedOptimizer, type WithGroups } from './groupedOptimizer.js';
import type { LearningRate } from './learningRate.js';
import type { Optimizer } from './optimizer.js';
import { SCHEDULE_FREE, scheduleFree, type ScheduleFreeOptions, startSequences } from './scheduleFree.js';

/** The constants of `scheduleFreeAdamw`. */
export interface ScheduleFreeAdamwOptions extends ScheduleFreeOptions {
  /** 0.0025 by default: one to ten times that of `adamw` suits. */
  readonly learningRate?: LearningRate | undefined;
  /** The share of the average in the weights that learn, and that of the mean square kept, in [0, 1); [0.9, 0.999]. */
  readonly betas?: readonly [number, number] | undefined;
  /** Added to the root; 1e-8 by default, and 1e-38 or more. */
  readonly epsilon?: number | undefined;
  /** Share of a mean of the gradients kept, in [0, 1), which takes their place, its bias corrected; 0 by default. */
  readonly innerMomentum?: number | undefined;
}

const CHECKS = {
  ...SCHEDULE_FREE,
  betas: optional(checkBetas),
  epsilon: optional(checkEpsilon),
  innerMomentum: optional(finite(0, 1)),
};

/**
 * AdamW without a schedule: what learns is a mix of a fast sequence z and of an average x of it, by which the rate needs
 * no decay, and no end of the run.
 *
 * ```
 *   s = β₂ s + (1 − β₂) g²                                       g at the weights y
 *   z = z − learningRate · (weightDecay · y + g / (√(s / (1 − β₂ᵗ)) + epsilon))
 *   x = (1 − c) x + c z                                          c: this update's share of all so far
 *   y = β₁ x + (1 − β₁) z
 * ```
 *
 * The model holds y; x is the better model, of which `averaged` makes one. Defazio et al., The Road Less Scheduled, 2024,
 * and the authors' code. A RangeError for constants out of range. It serves one model.
 */
export function scheduleFreeAdamw(options: WithGroups<ScheduleFreeAdamwOptions> = {}): Optimizer {
  return groupedOptimizer('scheduleFreeAdamw', options, CHECKS, (options: ScheduleFreeAdamwOptions) => {
    const { learningRate = 0.0025, epsilon = 1e-8, weightDecay = 0, innerMomentum = 0 } = options;
    const [beta1, beta2] = options.betas ?? [0.9, 0.999];
    return {
      learningRate,
      ...scheduleFree(options),
      moments: { z: 0, average: 0, squares: 0, ...(innerMomentum > 0 && { mean: 0 }) },
      factors: { beta2, innerMomentum },
      apply({ weights, gradients, moments, powers, scalars, update }) {
        const [z, x, squares, mean] = [moments['z']!, moments['average']!, moments['squares']!, moments['mean']];
        const [rate, share] = [scalars['rate']!, scalars['share']!];
        const { least, leastSquare } = leastAverage(weights);
        const [ofMean, ofSquares] = [1 - powers['innerMomentum']!, 1 - powers['beta2']!];
        startSequences(update, weights, z, x);
        for (let i = 0; i < weights.length; i++) {
          const g = gradients[i]!;
          const s = beta2 * squares[i]! + (1 - beta2) * g * g;
          squares[i] = s < leastSquare ? 0 : s;
          let step = g;
          if (mean) {
            const m = innerMomentum * mean[i]! + (1 - innerMomentum) * g;
            mean[i] = Math.abs(m) < least ? 0 : m;
            step = m / ofMean;
          }
          const fast = z[i]! - rate * (weightDecay * weights[i]! + step / (Math.sqrt(s / ofSquares) + epsilon));
          z[i] = Math.abs(fast) < least ? 0 : fast;
          const average = (1 - share) * x[i]! + share * z[i]!;
          x[i] = Math.abs(average) < least ? 0 : average;
          weights[i] = beta1 * x[i]! + (1 - beta1) * z[i]!;
        }
      },
    };
  });
}
