import { defer, map, type OperatorFunction } from 'rxjs';
import { anything } from '../check/anything.js';
import { listNames } from '../check/listNames.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { zeros } from '../kernel/zeros.js';
import type { Numbers } from '../types.js';
import { countTokens } from './countTokens.js';
import { loss, type LossOptions } from './loss.js';
import type { Scored, Unrolled } from './stages.js';

/** The reduction, and which targets count. */
export interface AdaptiveCrossEntropyOptions extends LossOptions {
  /** A target token that does not count, as padding does not; −100 by default. */
  readonly ignoreIndex?: number | undefined;
}

/**
 * Cross-entropy in nats of target tokens for a model that ends in `adaptiveSoftmax`: its head is computed for every step,
 * its clusters only where the target is in them, so that time per token grows slower than the vocabulary.
 *
 * ```
 *   unroll                --u0-----u1-----u2--|
 *   adaptiveCrossEntropy  --s0-----s1-----s2--|     s: mean loss per token, and its gradient
 * ```
 *
 * Targets are tokens, `steps × lanes`. A step's loss is `−log p(target)`, to the bit the output of the layer there. The
 * gradients are those of `crossEntropy` but for rounding: where that computes for a cluster without the target what is
 * 0 but for rounding, here it is 0. `outputs`, and measures that read them, still work: they compute all clusters.
 *
 * `torch.nn.AdaptiveLogSoftmaxWithLoss`; Grave et al., Efficient softmax approximation for GPUs, 2017. A TypeError for a
 * model that ends in another layer and for targets that are not tokens; a RangeError for a token outside the vocabulary.
 *
 * ```ts
 * import { from, last, repeat } from 'rxjs';
 * import { adam, adaptiveCrossEntropy, adaptiveSoftmax, embedding, lstm, sequential, train, windows } from 'rxrnn';
 *
 * const model = sequential({
 *   embedding: embedding({ inputSize: 1000, outputSize: 16 }),
 *   lstm: lstm({ inputSize: 16, hiddenSize: 32 }),
 *   output: adaptiveSoftmax({ inputSize: 32, outputSize: 1000, cutoffs: [100, 400] }),
 * });
 * from([7, 300, 999, 7, 300, 999, 7])
 *   .pipe(
 *     windows({ steps: 6 }),
 *     repeat(60),
 *     train(model, { optimizer: adam({ learningRate: 0.01 }), loss: adaptiveCrossEntropy() }),
 *     last(),
 *   )
 *   .subscribe(({ loss }) => console.log(loss < 0.5)); // -> true
 * ```
 */
export function adaptiveCrossEntropy(options: AdaptiveCrossEntropyOptions = {}): OperatorFunction<Unrolled, Scored> {
  const { ignoreIndex = -100, reduction = 'mean' } = checkOptions('adaptiveCrossEntropy', options, {
    reduction: anything, // checked below
    ignoreIndex: optional(wholeNumber(-Infinity)),
  });
  oneOf('mean', 'sum')(WHO, 'reduction', reduction);
  return (unrolled$) =>
    defer(() => {
      let factors: Numbers = new Float64Array(0); // of each row's loss, in what is differentiated
      // The mean is in the factors; `loss` leaves the gradient of a sum as it is.
      const score = loss(WHO, { reduction: 'sum' }, ({ dtype, outputSize, layers }) => ({
        width: 1,
        count({ targets, mask }, rows) {
          if (!(targets instanceof Int32Array)) {
            throw new TypeError(`${WHO}: targets must be tokens (Int32Array), got numbers`);
          }
          const count = countTokens(WHO, targets, { mask }, rows, outputSize, ignoreIndex);
          if (factors.length < rows) factors = zeros(dtype, rows);
          const factor = reduction === 'mean' ? 1 / count : 1;
          for (let r = 0; r < rows; r++) {
            factors[r] = mask?.[r] === 0 || targets[r] === ignoreIndex ? 0 : factor;
          }
          return count;
        },
        counts: ({ targets }, row) => targets[row] !== ignoreIndex,
        ofTokens: () => true,
        sum(losses, { targetLosses }, { targets }) {
          if (targetLosses) return targetLosses(losses, targets as Int32Array, factors);
          throw new TypeError(
            `${WHO}: the model must end in adaptiveSoftmax, got the layers ${listNames(layers.keys())}`,
          );
        },
      }));
      return unrolled$.pipe(
        score,
        map((scored) => ({ ...scored, factors })),
      );
    });
}

const WHO = 'adaptiveCrossEntropy';
