import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { ADAM_CHECKS, type AdamConstants } from './adamChecks.js';
import type { LearningRate } from './learningRate.js';
import { groupedOptimizer, type WithGroups } from './groupedOptimizer.js';
import type { Optimizer } from './optimizer.js';

/** The constants of `adam` and `adamw`. */
export interface AdamOptions extends AdamConstants {
  /** 0.001 by default. */
  readonly learningRate?: LearningRate | undefined;
  /** L2 penalty: added to the gradient by `adam`, 0 by default; taken from the weights by `adamw`, 0.01 by default. */
  readonly weightDecay?: number | undefined;
  /** Divides by the largest mean square so far; `false` by default. */
  readonly amsgrad?: boolean | undefined;
}

/**
 * Adam: `m = β₁ m + (1 − β₁) g; s = β₂ s + (1 − β₂) g²;
 * w −= learningRate · (m / (1 − β₁ᵗ)) / (√(s / (1 − β₂ᵗ)) + epsilon)`.
 * Kingma and Ba, 2015; `torch.optim.Adam`. A RangeError for constants out of range. It serves one model.
 */
export function adam(options: WithGroups<AdamOptions> = {}): Optimizer {
  return adamRule('adam', options, 0);
}

const CHECKS = { ...ADAM_CHECKS, amsgrad: optional(flag) };

/** What `adam` and `adamw` share: all but the default decay and the place where weights decay. */
export function adamRule(kind: 'adam' | 'adamw', options: WithGroups<AdamOptions>, defaultDecay: number): Optimizer {
  return groupedOptimizer(kind, options, CHECKS, (options: AdamOptions) => {
    const { learningRate = 0.001, epsilon = 1e-8, weightDecay = defaultDecay, amsgrad = false } = options;
    const [beta1, beta2] = options.betas ?? [0.9, 0.999];
    const decay =
      kind === 'adam' ? { weightDecay, decoupledDecay: 0 } : { weightDecay: 0, decoupledDecay: weightDecay };
    return {
      learningRate,
      moments: { mean: 0, squares: 0, ...(amsgrad && { largest: 0 }) },
      factors: { beta1, beta2 },
      apply({ kernel, weights, gradients, moments: { mean, squares, largest }, learningRate, powers }) {
        const [correction1, correction2] = [1 - powers['beta1']!, 1 - powers['beta2']!];
        const step = { learningRate, beta1, beta2, epsilon, correction1, correction2, ...decay };
        kernel.adam(weights, gradients, mean!, squares!, largest, step);
      },
    };
  });
}
