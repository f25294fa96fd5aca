import type { OperatorFunction } from 'rxjs';
import { zeros } from '../kernel/zeros.js';
import { checkShares, checkWeights, counted, type LossOptions, lossOperator } from './lossOperator.js';
import type { Scored, Unrolled } from './stages.js';

/** What is summed, and what a positive target weighs. */
export interface BinaryCrossEntropyOptions extends LossOptions {
  /** What a positive target weighs against a negative one: a number for every output, or one for each; 1 by default. */
  readonly posWeight?: number | ArrayLike<number>;
}

/**
 * Cross-entropy in nats of yes-or-no targets, each output of a step a logit of its own: more than one may be true.
 *
 * ```
 *   unroll              --u0-----u1-----u2--|
 *   binaryCrossEntropy  --s0-----s1-----s2--|     s: mean loss an output; its gradient sigmoid(x) − t
 * ```
 *
 * For logit x, target t in [0, 1] and weight v: `−v t log sigmoid(x) − (1 − t) log(1 − sigmoid(x))`, reckoned with
 * `log(1 + exp(−|x|))`, so that no logit is too large. Targets: `steps × lanes × outputs` numbers. The mean divides
 * by their count, whatever they weigh. `torch.nn.BCEWithLogitsLoss`: the model ends in a linear layer, without sigmoid.
 */
export function binaryCrossEntropy(options: BinaryCrossEntropyOptions = {}): OperatorFunction<Unrolled, Scored> {
  const { posWeight } = options;
  const given = typeof posWeight === 'number' ? Float64Array.of(posWeight) : posWeight && Float64Array.from(posWeight);
  if (given) checkWeights('binaryCrossEntropy', 'posWeight', given);
  return lossOperator('binaryCrossEntropy', options, ({ dtype, kernel, outputSize }) => {
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
        return counted(window, rows) * outputSize;
      },
      sum(losses, { output, outputGradient }, { targets, mask }, rows) {
        const numbers = targets as Exclude<typeof targets, Int32Array>; // `count` has checked it
        return kernel.binaryCrossEntropy(losses, outputGradient, output, numbers, mask, weight, rows, outputSize);
      },
    };
  });
}
