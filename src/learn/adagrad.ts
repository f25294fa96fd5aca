import { anything } from '../check/anything.js';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { epsilon as checkEpsilon } from './epsilon.js';
import type { LearningRate } from './learningRate.js';
import { type CommonOptions, groupedOptimizer, type WithGroups } from './groupedOptimizer.js';
import type { Optimizer } from './optimizer.js';

/** The constants of `adagrad`. */
export interface AdagradOptions extends CommonOptions {
  /** 0.01 by default. */
  readonly learningRate?: LearningRate | undefined;
  /** The rate of update t falls as `learningRate / (1 + (t − 1) · decay)`, which steps do not report; 0 by default. */
  readonly learningRateDecay?: number | undefined;
  /** L2 penalty, added to the gradient as `weightDecay · w`; 0 by default. */
  readonly weightDecay?: number | undefined;
  /** What the sums of squares start from; 0 by default. */
  readonly initialAccumulator?: number | undefined;
  /** Added to the root; 1e-10 by default, and 1e-38 or more; 0 is possible with an `initialAccumulator`. */
  readonly epsilon?: number | undefined;
}

const CHECKS = {
  learningRate: anything,
  learningRateDecay: optional(finite(0)),
  weightDecay: optional(finite(0)),
  initialAccumulator: optional(finite(0)),
  epsilon: optional(finite(0)),
};

/**
 * Adagrad: `s += g²; w −= learningRate · g / (√s + epsilon)`; the default rate is 0.01.
 * Duchi, Hazan and Singer, 2011; `torch.optim.Adagrad`.
 * A RangeError for constants out of range. It serves one model.
 */
export function adagrad(options: WithGroups<AdagradOptions> = {}): Optimizer {
  return groupedOptimizer('adagrad', options, CHECKS, (options) => {
    const { learningRate = 0.01, learningRateDecay = 0, weightDecay = 0 } = options;
    const { initialAccumulator = 0, epsilon = 1e-10 } = options;
    if (!(epsilon === 0 && initialAccumulator >= 1e-38)) checkEpsilon('adagrad', 'epsilon', epsilon);
    return {
      learningRate,
      moments: { squares: initialAccumulator },
      sparse: weightDecay === 0,
      apply({ kernel, weights, gradients, moments: { squares }, learningRate, update }) {
        const decayed = learningRate / (1 + (update - 1) * learningRateDecay);
        kernel.adagrad(weights, gradients, squares!, { learningRate: decayed, weightDecay, epsilon });
      },
    };
  });
}
