import { anything } from '../check/anything.js';
import { finite } from '../check/finite.js';
import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { epsilon as checkEpsilon } from './epsilon.js';
import type { LearningRate } from './learningRate.js';
import { type CommonOptions, groupedOptimizer, type WithGroups } from './groupedOptimizer.js';
import type { Optimizer } from './optimizer.js';

/** The constants of `rmsprop`. */
export interface RmspropOptions extends CommonOptions {
  /** 0.01 by default. */
  readonly learningRate?: LearningRate | undefined;
  /** Share of the mean square kept, in [0, 1); 0.99 by default. */
  readonly alpha?: number | undefined;
  /** Added to the root; 1e-8 by default, and 1e-38 or more. */
  readonly epsilon?: number | undefined;
  /** L2 penalty, added to the gradient as `weightDecay · w`; 0 by default. */
  readonly weightDecay?: number | undefined;
  /** Share of the velocity kept, in [0, 1); 0 by default. */
  readonly momentum?: number | undefined;
  /**
   * Divides by the deviation about the mean instead of the root mean square; `false` by default. Of gradients that stay
   * the same it is 0, and each step is `learningRate · g / epsilon`: take a larger epsilon where that may be. (torch takes
   * the root of what may round to less than 0 there, which is NaN.)
   */
  readonly centered?: boolean | undefined;
}

const CHECKS = {
  learningRate: anything,
  alpha: optional(finite(0, 1)),
  epsilon: optional(checkEpsilon),
  weightDecay: optional(finite(0)),
  momentum: optional(finite(0, 1)),
  centered: optional(flag),
};

/**
 * RMSProp: `s = alpha · s + (1 − alpha) · g²; w −= learningRate · g / (√s + epsilon)`; the default rate is 0.01.
 * Tieleman and Hinton, 2012; `torch.optim.RMSprop`.
 * A RangeError for constants out of range. It serves one model.
 */
export function rmsprop(options: WithGroups<RmspropOptions> = {}): Optimizer {
  return groupedOptimizer('rmsprop', options, CHECKS, (options) => {
    const {
      learningRate = 0.01,
      alpha = 0.99,
      epsilon = 1e-8,
      weightDecay = 0,
      momentum = 0,
      centered = false,
    } = options;
    return {
      learningRate,
      moments: { squares: 0, ...(centered && { mean: 0 }), ...(momentum > 0 && { velocity: 0 }) },
      apply({ kernel, weights, gradients, moments: { squares, mean, velocity }, learningRate }) {
        const step = { learningRate, alpha, epsilon, weightDecay, momentum };
        kernel.rmsprop(weights, gradients, squares!, mean, velocity, step);
      },
    };
  });
}
