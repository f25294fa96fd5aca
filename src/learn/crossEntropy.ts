import type { OperatorFunction } from 'rxjs';
import { anything } from '../check/anything.js';
import { fraction } from '../check/fraction.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { CrossEntropyTerms } from '../kernel/kernel.js';
import { zeros } from '../kernel/zeros.js';
import type { Model } from '../model/model.js';
import type { Numbers, Window } from '../types.js';
import { checkDistributions } from './checkDistributions.js';
import { checkWeights } from './checkWeights.js';
import { countTokens } from './countTokens.js';
import { countUnmasked } from './countUnmasked.js';
import { loss, type LossMeasure, type LossOptions } from './loss.js';
import type { Scored, Unrolled } from './stages.js';

/** The reduction, which targets count, and their weights. */
export interface CrossEntropyOptions extends LossOptions {
  /** A target token that does not count, as padding does not; −100 by default. */
  readonly ignoreIndex?: number | undefined;
  /** The share ε of each target that is spread evenly over the classes, in [0, 1]; 0 by default. */
  readonly labelSmoothing?: number | undefined;
  /** One weight per class, from 0 up; 1 by default. */
  readonly weight?: ArrayLike<number> | undefined;
}

/**
 * Cross-entropy in nats between a softmax over the model's outputs (logits) and the targets, by log-sum-exp.
 *
 * ```
 *   unroll        --u0-----u1-----u2--|
 *   crossEntropy  --s0-----s1-----s2--|     s: mean loss per token; its gradient p − y at the logits
 * ```
 *
 * Targets are tokens (`steps × lanes`) or a distribution over the classes each (`steps × lanes × classes`). With p the softmax
 * of C logits, weights w and smoothing ε, a step's loss is `−Σ q log p` with `q = w ((1 − ε) y + ε / C)`, where y is
 * the target, a token as its one-hot vector. The mean divides by the steps that count; where classes have weights and
 * the targets are tokens, by the sum of the targets' weights, so that a window whose targets all have weight 0 has loss 0.
 *
 * `torch.nn.CrossEntropyLoss`; smoothing: Szegedy et al., Rethinking the Inception Architecture, 2016. Errors where
 * targets are neither tokens of the vocabulary nor distributions, each of probabilities of two classes or more that sum to
 * 1 within 0.02 (torch computes with any numbers), and where the loss is not finite.
 */
export function crossEntropy(options: CrossEntropyOptions = {}): OperatorFunction<Unrolled, Scored> {
  options = checkOptions('crossEntropy', options, {
    reduction: anything, // checked by `loss`
    ignoreIndex: optional(wholeNumber(-Infinity)),
    labelSmoothing: optional(fraction),
    weight: anything,
  });
  const { ignoreIndex = -100, labelSmoothing = 0, weight: given, ...shared } = options;
  const weight = given && Float64Array.from(given); // a copy: the caller's array may change
  if (weight) checkWeights('crossEntropy', 'weight', weight);
  if (weight?.every((one) => one === 0)) {
    throw new RangeError('crossEntropy: weight needs a number above 0, or nothing is learned');
  }
  return loss('crossEntropy', shared, (model) => {
    if (weight && weight.length !== model.outputSize) {
      throw new RangeError(`crossEntropy: weight needs ${model.outputSize} numbers, got ${weight.length}`);
    }
    return crossEntropyOf(model, ignoreIndex, labelSmoothing, weight);
  });
}

function crossEntropyOf(
  model: Model,
  ignoreIndex: number,
  labelSmoothing: number,
  given: Numbers | undefined,
): LossMeasure {
  const { kernel, outputSize: classes } = model;
  const weight = given && zeros(model.dtype, classes);
  if (given) weight?.set(given);
  const terms: CrossEntropyTerms = { ignoreIndex, labelSmoothing, weight };
  return {
    width: 1,
    count(window, rows) {
      const { targets } = window;
      if (targets instanceof Int32Array)
        return countTokens('crossEntropy', targets, window, rows, classes, ignoreIndex);
      if (targets.length !== rows * classes) {
        throw new RangeError(
          `crossEntropy: targets must be tokens (Int32Array) or ${rows * classes} probabilities, got ${targets.length} numbers`,
        );
      }
      checkDistributions('crossEntropy', targets, window, rows, classes);
      return countUnmasked(window);
    },
    ...(weight && {
      divisor: (window: Window, rows: number) => weigh(weight, window, rows, ignoreIndex),
    }),
    counts: ({ targets }, row) => !(targets instanceof Int32Array) || targets[row] !== ignoreIndex,
    ofTokens: ({ targets }) => targets instanceof Int32Array && !weight && labelSmoothing === 0,
    sum(losses, { output, outputGradient }, { targets, mask }, rows) {
      return targets instanceof Int32Array
        ? kernel.crossEntropy(losses, outputGradient, output, targets, mask, terms, rows, classes)
        : kernel.softCrossEntropy(losses, outputGradient, output, targets, mask, terms, rows, classes);
    },
  };
}

/** What torch's weighted mean divides by: the sum of the weights of target tokens; for probabilities the count. */
function weigh(weight: Numbers, window: Window, rows: number, ignoreIndex: number): number {
  const { targets, mask } = window;
  if (!(targets instanceof Int32Array)) return countUnmasked(window);
  let sum = 0;
  for (let r = 0; r < rows; r++) {
    if ((!mask || mask[r] !== 0) && targets[r] !== ignoreIndex) sum += weight[targets[r]!]!;
  }
  return sum;
}
