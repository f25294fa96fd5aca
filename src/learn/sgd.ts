import { anything } from '../check/anything.js';
import { finite } from '../check/finite.js';
import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import type { LearningRate } from './learningRate.js';
import { type CommonOptions, groupedOptimizer, type WithGroups } from './groupedOptimizer.js';
import type { Optimizer } from './optimizer.js';

/** The constants of `sgd`. */
export interface SgdOptions extends CommonOptions {
  /** From 0 up; torch has no default for it either. */
  readonly learningRate: LearningRate;
  /** Share of the velocity kept, in [0, 1); 0 by default. */
  readonly momentum?: number | undefined;
  /** Share of the gradient kept out of the velocity; 0 by default. */
  readonly dampening?: number | undefined;
  /** Nesterov's momentum, which needs momentum and no dampening; `false` by default. */
  readonly nesterov?: boolean | undefined;
  /** L2 penalty, added to the gradient as `weightDecay · w`; 0 by default. */
  readonly weightDecay?: number | undefined;
}

const CHECKS = {
  learningRate: anything,
  momentum: optional(finite(0, 1)),
  dampening: optional(finite(0)),
  nesterov: optional(flag),
  weightDecay: optional(finite(0)),
};

/**
 * Stochastic gradient descent: `w −= learningRate · v`, with `v = momentum · v + (1 − dampening) · g`, or
 * `g + momentum · v` with Nesterov's momentum; plain `g` without momentum. `torch.optim.SGD`.
 * A RangeError for constants out of range. It serves one model.
 */
export function sgd(options: WithGroups<SgdOptions>): Optimizer {
  return groupedOptimizer('sgd', options, CHECKS, (options) => {
    const { learningRate, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 } = options;
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new RangeError(`sgd: nesterov needs momentum and no dampening, got ${momentum} and ${dampening}`);
    }
    return {
      learningRate,
      moments: momentum > 0 ? { velocity: 0 } : {},
      sparse: momentum === 0 && weightDecay === 0,
      apply({ kernel, weights, gradients, moments: { velocity }, learningRate, update }) {
        const first = update === 1;
        kernel.sgd(weights, gradients, velocity, { learningRate, momentum, dampening, nesterov, weightDecay, first });
      },
    };
  });
}
