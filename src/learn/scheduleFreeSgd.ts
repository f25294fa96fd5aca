import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { leastAverage } from '../kernel/leastAverage.js';
import { groupedOptimizer, type WithGroups } from './groupedOptimizer.js';
import type { LearningRate } from './learningRate.js';
import type { Optimizer } from './optimizer.js';
import { SCHEDULE_FREE, scheduleFree, type ScheduleFreeOptions, startSequences } from './scheduleFree.js';

/** The constants of `scheduleFreeSgd`. */
export interface ScheduleFreeSgdOptions extends ScheduleFreeOptions {
  /** 1 by default. */
  readonly learningRate?: LearningRate | undefined;
  /** The share of the average in the weights that learn, in [0, 1); 0.9 by default. */
  readonly momentum?: number | undefined;
}

const CHECKS = { ...SCHEDULE_FREE, momentum: optional(finite(0, 1)) };

/**
 * Stochastic gradient descent without a schedule: `z −= learningRate · (g + weightDecay · y); x = (1 − c) x + c z;
 * y = momentum · x + (1 − momentum) · z`, as `scheduleFreeAdamw`, which explains it, without its mean square.
 * Defazio et al., The Road Less Scheduled, 2024, and the authors' code. A RangeError for constants out of range. It
 * serves one model.
 */
export function scheduleFreeSgd(options: WithGroups<ScheduleFreeSgdOptions> = {}): Optimizer {
  return groupedOptimizer('scheduleFreeSgd', options, CHECKS, (options: ScheduleFreeSgdOptions) => {
    const { learningRate = 1, momentum = 0.9, weightDecay = 0 } = options;
    return {
      learningRate,
      ...scheduleFree(options),
      moments: { z: 0, average: 0 },
      apply({ weights, gradients, moments, scalars, update }) {
        const [z, x] = [moments['z']!, moments['average']!];
        const [rate, share] = [scalars['rate']!, scalars['share']!];
        const { least } = leastAverage(weights);
        startSequences(update, weights, z, x);
        for (let i = 0; i < weights.length; i++) {
          const fast = z[i]! - rate * (gradients[i]! + weightDecay * weights[i]!);
          z[i] = Math.abs(fast) < least ? 0 : fast;
          const average = (1 - share) * x[i]! + share * z[i]!;
          x[i] = Math.abs(average) < least ? 0 : average;
          weights[i] = momentum * x[i]! + (1 - momentum) * z[i]!;
        }
      },
    };
  });
}
