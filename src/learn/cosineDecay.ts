import { anything } from '../check/anything.js';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { show } from '../check/show.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { cos } from '../kernel/math/cos.js';
import type { Schedule } from './learningRate.js';

/** The curve of `cosineDecay`. */
export interface CosineDecayOptions {
  /** The largest rate, at the end of the warm-up. */
  readonly learningRate: number;
  /** Updates until the rate reaches `minimum`, including those of the warm-up. */
  readonly steps: number;
  /** Updates before the one with the largest rate; 0 by default. */
  readonly warmupSteps?: number | undefined;
  /** The rate from `steps` on; 0 by default. */
  readonly minimum?: number | undefined;
}

/**
 * A rate that rises linearly, falls along half a cosine and stays at `minimum`. With w = `warmupSteps`:
 *
 * - `learningRate · (update + 1) / (w + 1)` while update < w: no update is lost to a rate of 0;
 * - `minimum + (learningRate − minimum) · (1 + cos(π (update − w) / (steps − w))) / 2` from there to `steps`.
 *
 * Loshchilov and Hutter, SGDR, 2017, without restarts; without warm-up `torch.optim.lr_scheduler.CosineAnnealingLR`
 * over its first `T_max` = `steps` updates. A RangeError unless 0 <= minimum <= learningRate and warmupSteps < steps.
 *
 * ```ts
 * import { cosineDecay } from 'rxrnn';
 *
 * const rate = cosineDecay({ learningRate: 0.4, steps: 7, warmupSteps: 3 });
 * console.log([0, 1, 2, 3, 5, 7].map((update) => rate(update).toFixed(1)).join(' ')); // -> 0.1 0.2 0.3 0.4 0.2 0.0
 * ```
 */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  options = checkOptions('cosineDecay', options, {
    learningRate: finite(0),
    warmupSteps: optional(wholeNumber()),
    steps: anything, // more than those of the warm-up, once these are checked
    minimum: anything,
  });
  const { learningRate, steps, warmupSteps = 0, minimum = 0 } = options;
  wholeNumber(warmupSteps + 1)('cosineDecay', 'steps', steps);
  if (!(minimum >= 0 && minimum <= learningRate)) {
    throw new RangeError(`cosineDecay: minimum must be in [0, ${learningRate}], got ${show(minimum)}`);
  }
  return (update) => {
    if (update < warmupSteps) return (learningRate * (update + 1)) / (warmupSteps + 1);
    if (update >= steps) return minimum;
    const angle = (Math.PI * (update - warmupSteps)) / (steps - warmupSteps);
    return minimum + ((learningRate - minimum) * (1 + cos(angle))) / 2;
  };
}
