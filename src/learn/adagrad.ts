import { anything } from '../check/anything.js';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { epsilon as checkEpsilon } from './epsilon.js';
import type { LearningRate } from './learningRate.js';
import { type Optimizer, optimizer } from './optimizer.js';

/** The constants of `adagrad`. */
export interface AdagradOptions {
  /** 0.01 by default. */
  readonly learningRate?: LearningRate;
  /** The rate of update t falls as `learningRate / (1 + (t − 1) · decay)`, which steps do not report; 0 by default. */
  readonly learningRateDecay?: number;
  /** L2 penalty, added to the gradient as `weightDecay · w`; 0 by default. */
  readonly weightDecay?: number;
  /** What the sums of squares start from; 0 by default. */
  readonly initialAccumulator?: number;
  /** Added to the root; 1e-10 by default, and 1e-38 or more; 0 is possible with an `initialAccumulator`. */
  readonly epsilon?: number;
}

/**
 * Adagrad: `s += g²; w −= learningRate · g / (√s + epsilon)`; the default rate is 0.01.
 * Duchi, Hazan and Singer, 2011; `torch.optim.Adagrad`.
 * A RangeError for constants out of range. It serves one model.
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  checkOptions('adagrad', options, {
    learningRate: anything,
    learningRateDecay: optional(finite(0)),
    weightDecay: optional(finite(0)),
    initialAccumulator: optional(finite(0)),
    epsilon: optional(finite(0)),
  });
  const { learningRate = 0.01, learningRateDecay = 0, weightDecay = 0 } = options;
  const { initialAccumulator = 0, epsilon = 1e-10 } = options;
  if (!(epsilon === 0 && initialAccumulator >= 1e-38)) checkEpsilon('adagrad', 'epsilon', epsilon);
  return optimizer({
    kind: 'adagrad',
    learningRate,
    moments: { squares: initialAccumulator },
    apply({ kernel, weights, gradients, moments: { squares }, learningRate, update }) {
      const decayed = learningRate / (1 + (update - 1) * learningRateDecay);
      kernel.adagrad(weights, gradients, squares!, { learningRate: decayed, weightDecay, epsilon });
    },
  });
}
