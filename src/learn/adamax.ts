import { leastAverage } from '../kernel/leastAverage.js';
import { ADAM_CHECKS } from './adamChecks.js';
import { type CommonOptions, groupedOptimizer, type WithGroups } from './groupedOptimizer.js';
import type { LearningRate } from './learningRate.js';
import type { Optimizer } from './optimizer.js';

/** The constants of `adamax`. */
export interface AdamaxOptions extends CommonOptions {
  /** 0.002 by default. */
  readonly learningRate?: LearningRate | undefined;
  /** Shares of the mean and of the largest size kept, in [0, 1); [0.9, 0.999] by default. */
  readonly betas?: readonly [number, number] | undefined;
  /** Added to the size of a gradient; 1e-8 by default, and 1e-38 or more. */
  readonly epsilon?: number | undefined;
  /** L2 penalty, added to the gradient as `weightDecay · w`; 0 by default. */
  readonly weightDecay?: number | undefined;
}

/**
 * Adam by the largest size: `m = β₁ m + (1 − β₁) g; u = max(β₂ u, |g| + ε); w −= learningRate / (1 − β₁ᵗ) · m / u`.
 * Kingma and Ba, 2015; `torch.optim.Adamax`. A RangeError for constants out of range. It serves one model.
 */
export function adamax(options: WithGroups<AdamaxOptions> = {}): Optimizer {
  return groupedOptimizer('adamax', options, ADAM_CHECKS, (options: AdamaxOptions) => {
    const { learningRate = 0.002, epsilon = 1e-8, weightDecay = 0 } = options;
    const [beta1, beta2] = options.betas ?? [0.9, 0.999];
    return {
      learningRate,
      moments: { mean: 0, largest: 0 },
      factors: { beta1 },
      apply({ weights, gradients, moments, learningRate, powers }) {
        const [mean, largest] = [moments['mean']!, moments['largest']!];
        const { least } = leastAverage(weights);
        const stride = learningRate / (1 - powers['beta1']!);
        for (let i = 0; i < weights.length; i++) {
          const g = gradients[i]! + weightDecay * weights[i]!;
          const m = beta1 * mean[i]! + (1 - beta1) * g;
          mean[i] = Math.abs(m) < least ? 0 : m;
          largest[i] = Math.max(beta2 * largest[i]!, Math.abs(g) + epsilon);
          weights[i]! -= (stride * m) / largest[i]!;
        }
      },
    };
  });
}
