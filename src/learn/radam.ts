import { leastAverage } from '../kernel/leastAverage.js';
import { ADAM_CHECKS, type AdamConstants } from './adamChecks.js';
import { DECAY_CHECKS, decayOf, type DecayConstants } from './decayOf.js';
import { groupedOptimizer, type WithGroups } from './groupedOptimizer.js';
import type { LearningRate } from './learningRate.js';
import type { Optimizer } from './optimizer.js';

/** The constants of `radam`. */
export interface RadamOptions extends AdamConstants, DecayConstants {
  /** 0.001 by default. */
  readonly learningRate?: LearningRate | undefined;
}

const CHECKS = { ...ADAM_CHECKS, ...DECAY_CHECKS };

/**
 * Rectified Adam: steps along the mean alone until the mean square is of enough gradients to be relied on, then those of
 * Adam, shorter at first.
 * Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, 2020; `torch.optim.RAdam`. A RangeError for
 * constants out of range. It serves one model.
 */
export function radam(options: WithGroups<RadamOptions> = {}): Optimizer {
  return groupedOptimizer('radam', options, CHECKS, (options: RadamOptions) => {
    const { learningRate = 0.001, epsilon = 1e-8 } = options;
    const [beta1, beta2] = options.betas ?? [0.9, 0.999];
    const { inGradient, ofWeights } = decayOf(options);
    const longest = 2 / (1 - beta2) - 1;
    return {
      learningRate,
      moments: { mean: 0, squares: 0 },
      factors: { beta1, beta2 },
      apply({ weights, gradients, moments, learningRate, powers, update }) {
        const [mean, squares] = [moments['mean']!, moments['squares']!];
        const { least, leastSquare } = leastAverage(weights);
        const correction = 1 - powers['beta2']!;
        const length = longest - (2 * update * powers['beta2']!) / correction; // of the mean square, in gradients
        const rectified = ((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length);
        const scale = length > 5 ? Math.sqrt(rectified) * Math.sqrt(correction) : undefined;
        const stride = learningRate / (1 - powers['beta1']!);
        const kept = 1 - learningRate * ofWeights;
        for (let i = 0; i < weights.length; i++) {
          const w = kept * weights[i]!;
          const g = gradients[i]! + inGradient * w;
          const m = beta1 * mean[i]! + (1 - beta1) * g;
          const s = beta2 * squares[i]! + (1 - beta2) * g * g;
          mean[i] = Math.abs(m) < least ? 0 : m;
          squares[i] = s < leastSquare ? 0 : s;
          weights[i] = w - stride * m * (scale === undefined ? 1 : scale / (Math.sqrt(s) + epsilon));
        }
      },
    };
  });
}
