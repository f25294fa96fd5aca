import type { OperatorFunction } from 'rxjs';
import { anything } from '../check/anything.js';
import { options as checkOptions } from '../check/options.js';
import { zeros } from '../kernel/zeros.js';
import type { Numbers } from '../types.js';
import { checkProbabilities } from './checkProbabilities.js';
import { checkWeights } from './checkWeights.js';
import { countNumbers } from './countNumbers.js';
import { loss } from './loss.js';
import type { Scored, Unrolled } from './stages.js';
import { weighted, WEIGHTED_CHECKS, type WeightedLossOptions } from './weighted.js';

/** The reduction, the weights of targets, and the weight of a positive one. */
export interface BinaryCrossEntropyOptions extends WeightedLossOptions {
  /** The weight of a positive target against a negative one: one number, or one per output; 1 by default. */
  readonly posWeight?: number | ArrayLike<number> | undefined;
}

/**
 * Cross-entropy in nats of yes-or-no targets: each output of a step is a logit of its own, and more than one may be true.
 *
 * ```
 *   unroll              --u0-----u1-----u2--|
 *   binaryCrossEntropy  --s0-----s1-----s2--|     s: mean loss per output; its gradient sigmoid(x) − t
 * ```
 *
 * For logit x, target t in [0, 1] and weight v: `−v t log sigmoid(x) − (1 − t) log(1 − sigmoid(x))`, computed with
 * `log(1 + exp(−|x|))`, so that no logit is too large. Targets: `steps × lanes × outputs` numbers. The mean divides
 * by their count, whatever `posWeight` is. `torch.nn.BCEWithLogitsLoss`: the model ends in a linear layer, without sigmoid.
 */
export function binaryCrossEntropy(options: BinaryCrossEntropyOptions = {}): OperatorFunction<Unrolled, Scored> {
  options = checkOptions('binaryCrossEntropy', options, { ...WEIGHTED_CHECKS, posWeight: anything });
  const { posWeight, reduction, ...weights } = options;
  const given = typeof posWeight === 'number' ? Float64Array.of(posWeight) : posWeight && Float64Array.from(posWeight);
  if (given) checkWeights('binaryCrossEntropy', 'posWeight', given);
  return loss('binaryCrossEntropy', { ...(reduction && { reduction }) }, ({ dtype, kernel, outputSize }) => {
    const weight = given && zeros(dtype, outputSize);
    if (given && typeof posWeight === 'number') weight?.fill(posWeight);
    else if (given) {
      if (given.length !== outputSize) {
        throw new RangeError(`binaryCrossEntropy: posWeight needs ${outputSize} numbers, got ${given.length}`);
      }
      weight?.set(given);
    }
    return weighted('binaryCrossEntropy', weights, outputSize, outputSize, {
      width: outputSize,
      count(window, rows, weightsOf) {
        const count = countNumbers('binaryCrossEntropy', window, rows, outputSize);
        checkProbabilities('binaryCrossEntropy', window.targets as Numbers, window, rows, outputSize, weightsOf?.());
        return count;
      },
      sum(losses, { output, outputGradient }, { targets, mask }, rows) {
        const numbers = targets as Numbers; // `count` has checked it
        return kernel.binaryCrossEntropy(losses, outputGradient, output, numbers, mask, weight, rows, outputSize);
      },
    });
  });
}
