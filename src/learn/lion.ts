import { anything } from '../check/anything.js';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { leastAverage } from '../kernel/leastAverage.js';
import { betas as checkBetas } from './betas.js';
import type { LearningRate } from './learningRate.js';
import { type CommonOptions, groupedOptimizer, type WithGroups } from './groupedOptimizer.js';
import type { Optimizer } from './optimizer.js';
import { signOf } from './signOf.js';

/** The constants of `lion`. */
export interface LionOptions extends CommonOptions {
  /** 0.0001 by default: each update moves every weight by about this much, so a third to a tenth of Adam's suits. */
  readonly learningRate?: LearningRate | undefined;
  /** Shares of the mean kept for the direction and for the next update, in [0, 1); [0.9, 0.99] by default. */
  readonly betas?: readonly [number, number] | undefined;
  /** Taken from the weights as `learningRate · weightDecay · w`, as by `adamw`; 0 by default. */
  readonly weightDecay?: number | undefined;
}

const CHECKS = {
  learningRate: anything,
  betas: optional(checkBetas),
  weightDecay: optional(finite(0)),
};

/**
 * Lion: `w −= learningRate · (sign(β₁ m + (1 − β₁) g) + weightDecay · w); m = β₂ m + (1 − β₂) g`, with one moment.
 *
 * A mean nearer to zero than 1e-30 (float64: 1e-300) is kept as zero, so that a weight without gradients comes to rest.
 * Chen et al., Symbolic Discovery of Optimization Algorithms, 2023.
 * A RangeError for constants out of range. It serves one model.
 */
export function lion(options: WithGroups<LionOptions> = {}): Optimizer {
  return groupedOptimizer('lion', options, CHECKS, (options) => {
    const { learningRate = 1e-4, weightDecay = 0 } = options;
    const [beta1, beta2] = options.betas ?? [0.9, 0.99];
    return {
      learningRate,
      moments: { mean: 0 },
      apply({ weights, gradients, moments, learningRate }) {
        const mean = moments['mean']!;
        const { least } = leastAverage(weights);
        const kept = 1 - learningRate * weightDecay;
        for (let i = 0; i < weights.length; i++) {
          const m = mean[i]!;
          const g = gradients[i]!;
          weights[i]! *= kept; // rounded on its own, as in torch
          weights[i]! -= learningRate * signOf(beta1 * m + (1 - beta1) * g);
          const next = beta2 * m + (1 - beta2) * g;
          mean[i] = Math.abs(next) < least ? 0 : next;
        }
      },
    };
  });
}
