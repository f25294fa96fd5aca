import { anything } from '../check/anything.js';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { leastAverage } from '../kernel/leastAverage.js';
import { epsilon as checkEpsilon } from './epsilon.js';
import { type CommonOptions, groupedOptimizer, type WithGroups } from './groupedOptimizer.js';
import type { LearningRate } from './learningRate.js';
import type { Optimizer } from './optimizer.js';

/** The constants of `adadelta`. */
export interface AdadeltaOptions extends CommonOptions {
  /** A factor of the steps, which have a size of their own; 1 by default. */
  readonly learningRate?: LearningRate | undefined;
  /** Share of both mean squares kept, in [0, 1); 0.9 by default. */
  readonly rho?: number | undefined;
  /** Added below both roots; 1e-6 by default, and 1e-38 or more. */
  readonly epsilon?: number | undefined;
  /** L2 penalty, added to the gradient as `weightDecay · w`; 0 by default. */
  readonly weightDecay?: number | undefined;
}

const CHECKS = {
  learningRate: anything,
  rho: optional(finite(0, 1)),
  epsilon: optional(checkEpsilon),
  weightDecay: optional(finite(0)),
};

/**
 * Adadelta: `s = ρ s + (1 − ρ) g²; d = √((c + ε) / (s + ε)) · g; c = ρ c + (1 − ρ) d²; w −= learningRate · d`.
 * Zeiler, 2012; `torch.optim.Adadelta`. A RangeError for constants out of range. It serves one model.
 */
export function adadelta(options: WithGroups<AdadeltaOptions> = {}): Optimizer {
  return groupedOptimizer('adadelta', options, CHECKS, (options: AdadeltaOptions) => {
    const { learningRate = 1, rho = 0.9, epsilon = 1e-6, weightDecay = 0 } = options;
    return {
      learningRate,
      moments: { squares: 0, changes: 0 },
      apply({ weights, gradients, moments, learningRate }) {
        const [squares, changes] = [moments['squares']!, moments['changes']!];
        const { leastSquare } = leastAverage(weights);
        for (let i = 0; i < weights.length; i++) {
          const g = gradients[i]! + weightDecay * weights[i]!;
          const s = rho * squares[i]! + (1 - rho) * g * g;
          const change = (Math.sqrt(changes[i]! + epsilon) / Math.sqrt(s + epsilon)) * g;
          const c = rho * changes[i]! + (1 - rho) * change * change;
          squares[i] = s < leastSquare ? 0 : s;
          changes[i] = c < leastSquare ? 0 : c;
          weights[i]! -= learningRate * change;
        }
      },
    };
  });
}
