import type { OperatorFunction } from 'rxjs';
import { anything } from '../check/anything.js';
import { options as checkOptions } from '../check/options.js';
import { zeros } from '../kernel/zeros.js';
import { checkShares, checkWeights } from './checkShares.js';
import { countUnmasked } from './countUnmasked.js';
import { loss, type LossOptions } from './loss.js';
import type { Scored, Unrolled } from './stages.js';

/** The reduction, and the weight of a positive target. */
export interface BinaryCrossEntropyOptions extends LossOptions {
  /** The weight of a positive target against a negative one: one number, or one per output; 1 by default. */
  readonly posWeight?: number | ArrayLike<number>;
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
 * by their count, whatever their weights. `torch.nn.BCEWithLogitsLoss`: the model ends in a linear layer, without sigmoid.
 */
export function binaryCrossEntropy(options: BinaryCrossEntropyOptions = {}): OperatorFunction<Unrolled, Scored> {
  checkOptions('binaryCrossEntropy', options, { reduction: anything, posWeight: anything });
  const { posWeight, ...shared } = options;
  const given = typeof posWeight === 'number' ? Float64Array.of(posWeight) : posWeight && Float64Array.from(posWeight);
  if (given) checkWeights('binaryCrossEntropy', 'posWeight', given);
  return loss('binaryCrossEntropy', shared, ({ dtype, kernel, outputSize }) => {
    const weight = given && zeros(dtype, outputSize);
    if (given && typeof posWeight === 'number') weight?.fill(posWeight);
    else if (given) {
      if (given.length !== outputSize) {
        throw new RangeError(`binaryCrossEntropy: posWeight needs ${outputSize} numbers, got ${given.length}`);
      }
      weight?.set(given);
    }
    return {
      width: outputSize,
      count(window, rows) {
        const { targets } = window;
        if (targets instanceof Int32Array) {
          throw new TypeError('binaryCrossEntropy: targets must be numbers, got tokens');
        }
        const needed = rows * outputSize;
        if (targets.length !== needed) {
          throw new RangeError(`binaryCrossEntropy: needs ${needed} targets, got ${targets.length}`);
        }
        checkShares('binaryCrossEntropy', targets, window, rows, outputSize);
        return countUnmasked(window) * outputSize;
      },
      sum(losses, { output, outputGradient }, { targets, mask }, rows) {
        const numbers = targets as Exclude<typeof targets, Int32Array>; // `count` has checked it
        return kernel.binaryCrossEntropy(losses, outputGradient, output, numbers, mask, weight, rows, outputSize);
      },
    };
  });
}
