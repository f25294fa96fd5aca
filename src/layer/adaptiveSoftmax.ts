import { anything } from '../check/anything.js';
import { finite } from '../check/finite.js';
import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { adaptiveTape } from './adaptiveTape.js';
import type { Layer, Parameter } from './layer.js';
import { uniform } from './uniform.js';

/** The sizes of `adaptiveSoftmax`, and where its clusters begin. */
export interface AdaptiveSoftmaxOptions {
  /** Width of the features. */
  readonly inputSize: number;
  /** The size of the vocabulary, whose tokens are in the order of their frequency, the most frequent first. */
  readonly outputSize: number;
  /**
   * The first token of each cluster of rare tokens, ascending, from 1 to `outputSize − 1`; those before the first are the
   * shortlist. As a text, `'2000,10000'`, where a model file has them.
   */
  readonly cutoffs: readonly number[] | string;
  /** Each cluster reads features so many times as narrow as the one before, from 1 up; 4 by default. */
  readonly divValue?: number;
  /** Whether the head has a bias vector; `false` by default. */
  readonly headBias?: boolean;
}

/**
 * The output layer of a large vocabulary: a softmax over the frequent tokens and clusters of rare ones, and one over the
 * tokens of each cluster, from narrower features. It gives log-probabilities of all tokens.
 *
 * With 50,000 tokens, features of 128 and cutoffs at 2,000 and 10,000 it has an eighth of the weights of `linear`.
 * Learn it with `adaptiveCrossEntropy`, which computes the clusters of the targets only. `crossEntropy` takes its
 * outputs, too, being a softmax of them, which changes nothing; so do `surprisal` and `generateText`.
 *
 * Takes features. Parameters: `head.weight` (shortlist + clusters, input), `head.bias`, and for cluster i `tail.i.0.weight`
 * (⌊input / divValue^(i + 1)⌋, input) and `tail.i.1.weight` (tokens of the cluster, that). Names, shapes, initialisation
 * and numbers of `torch.nn.AdaptiveLogSoftmaxWithLoss`; Grave et al., Efficient softmax approximation for GPUs, 2017.
 * A RangeError for cutoffs that do not ascend, and where a cluster would be left without features.
 *
 * ```ts
 * import { adaptiveSoftmax, embedding, lstm, sequential } from 'rxrnn';
 *
 * const model = sequential({
 *   embedding: embedding({ inputSize: 1000, outputSize: 16 }),
 *   lstm: lstm({ inputSize: 16, hiddenSize: 32 }),
 *   output: adaptiveSoftmax({ inputSize: 32, outputSize: 1000, cutoffs: [100, 400] }),
 * });
 * const { data } = model.step(7, model.zeroState()).output;
 * const probabilities = Array.from(data, Math.exp);
 * console.log(data.length, probabilities.reduce((sum, p) => sum + p, 0).toFixed(3)); // -> 1000 1.000
 * ```
 */
export function adaptiveSoftmax(options: AdaptiveSoftmaxOptions): Layer {
  const who = 'adaptiveSoftmax';
  options = checkOptions(who, options, {
    inputSize: positiveInteger,
    outputSize: wholeNumber(2), // one token in the shortlist and one in a cluster
    cutoffs: anything, // checked below
    divValue: optional(finite(1)),
    headBias: optional(flag),
  });
  const { inputSize, outputSize, divValue = 4, headBias = false } = options;
  const bounds = [...cutoffsOf(options), outputSize];
  const shortlist = bounds[0]!;
  let divisor = 1;
  const clusters = bounds.slice(1).map((end, i) => {
    divisor *= divValue;
    const width = Math.floor(inputSize / divisor);
    if (width < 1)
      throw new RangeError(`${who}: ${inputSize} features leave none for cluster ${i}; use a smaller divValue`);
    return { first: bounds[i]!, size: end - bounds[i]!, width };
  });
  const headSize = shortlist + clusters.length;
  const parameters: Parameter[] = [
    uniform('head.weight', [headSize, inputSize], inputSize),
    ...(headBias ? [uniform('head.bias', [headSize], inputSize)] : []),
    ...clusters.flatMap(({ size, width }, i) => [
      uniform(`tail.${i}.0.weight`, [width, inputSize], inputSize),
      uniform(`tail.${i}.1.weight`, [size, width], width),
    ]),
  ];

  return {
    kind: who,
    inputSize,
    outputSize,
    takes: 'features',
    parameters,
    state: {},
    options: { inputSize, outputSize, cutoffs: bounds.slice(0, -1).join(), divValue, headBias },
    tape: (context) => adaptiveTape({ ...context, inputSize, outputSize, shortlist, clusters, headBias }),
  };
}

function cutoffsOf({ cutoffs, outputSize }: AdaptiveSoftmaxOptions): number[] {
  const found =
    typeof cutoffs === 'string' ? cutoffs.split(',').map(Number) : Array.isArray(cutoffs) ? [...cutoffs] : [];
  const ascending = found.every((cutoff, i) => Number.isInteger(cutoff) && cutoff > (i === 0 ? 0 : found[i - 1]!));
  if (found.length === 0 || !ascending || found.at(-1)! >= outputSize) {
    refuse('adaptiveSoftmax', 'cutoffs', `integers that ascend, from 1 to ${outputSize - 1}`, cutoffs);
  }
  return found;
}
