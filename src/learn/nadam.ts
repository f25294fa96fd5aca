import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { leastAverage } from '../kernel/leastAverage.js';
import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';
import { ADAM_CHECKS, type AdamConstants } from './adamChecks.js';
import { DECAY_CHECKS, decayOf, type DecayConstants } from './decayOf.js';
import { groupedOptimizer, type WithGroups } from './groupedOptimizer.js';
import type { LearningRate } from './learningRate.js';
import type { Optimizer } from './optimizer.js';

/** The constants of `nadam`. */
export interface NadamOptions extends AdamConstants, DecayConstants {
  /** 0.002 by default. */
  readonly learningRate?: LearningRate | undefined;
  /** How fast the momentum grows to its full share, ψ; 0.004 by default. */
  readonly momentumDecay?: number | undefined;
}

const CHECKS = { ...ADAM_CHECKS, ...DECAY_CHECKS, momentumDecay: optional(finite(0)) };

/**
 * Adam with Nesterov's momentum: `μₜ = β₁ (1 − 0.96^(tψ) / 2)`, and the step is that of Adam along
 * `(1 − μₜ) g / (1 − Πμ) + μₜ₊₁ m / (1 − Πμ · μₜ₊₁)`.
 * Dozat, Incorporating Nesterov Momentum into Adam, 2016; `torch.optim.NAdam` of torch 2. A RangeError for constants out
 * of range. It serves one model.
 */
export function nadam(options: WithGroups<NadamOptions> = {}): Optimizer {
  return groupedOptimizer('nadam', options, CHECKS, (options: NadamOptions) => {
    const { learningRate = 0.002, epsilon = 1e-8, momentumDecay = 0.004 } = options;
    const [beta1, beta2] = options.betas ?? [0.9, 0.999];
    const warming = exp(momentumDecay * log(0.96));
    const { inGradient, ofWeights } = decayOf(options);
    return {
      learningRate,
      moments: { mean: 0, squares: 0 },
      factors: { beta2, warming },
      scalars: { product: 1, next: 0 }, // Πμ so far, and μ of the update after this one
      advance(scalars, { powers }) {
        scalars['product']! *= beta1 * (1 - 0.5 * powers['warming']!);
        scalars['next'] = beta1 * (1 - 0.5 * powers['warming']! * warming);
      },
      apply({ weights, gradients, moments, learningRate, powers, scalars }) {
        const [mean, squares] = [moments['mean']!, moments['squares']!];
        const { least, leastSquare } = leastAverage(weights);
        const [product, next] = [scalars['product']!, scalars['next']!];
        const now = beta1 * (1 - 0.5 * powers['warming']!);
        const ofGradient = (learningRate * (1 - now)) / (1 - product);
        const ofMean = (learningRate * next) / (1 - product * next);
        const correction = 1 - powers['beta2']!;
        const kept = 1 - learningRate * ofWeights;
        for (let i = 0; i < weights.length; i++) {
          const w = kept * weights[i]!;
          const g = gradients[i]! + inGradient * w;
          const m = beta1 * mean[i]! + (1 - beta1) * g;
          const s = beta2 * squares[i]! + (1 - beta2) * g * g;
          mean[i] = Math.abs(m) < least ? 0 : m;
          squares[i] = s < leastSquare ? 0 : s;
          const root = Math.sqrt(s / correction) + epsilon;
          weights[i] = w - (ofGradient * g) / root - (ofMean * m) / root;
        }
      },
    };
  });
}
