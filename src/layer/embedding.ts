import { anything } from '../check/anything.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { embeddingTable } from './embeddingTable.js';
import type { Layer, LayerInput } from './layer.js';

/** The size of the table. */
export interface EmbeddingOptions {
  /** Tokens: rows of the table. */
  readonly inputSize: number;
  /** Numbers that a token becomes: columns of the table. */
  readonly outputSize: number;
  /**
   * The token that stands for padding: its row starts as zeros and gets no gradient, unless `weightTying` makes it a row of
   * another layer, too; none by default.
   */
  readonly paddingIndex?: number | undefined;
}

/**
 * An embedding: each token becomes its row of a learned table; token −1 becomes zeros.
 *
 * Parameter: `weight` (vocabulary, embedding), standard normal at first. Names and shapes of `torch.nn.Embedding`.
 * A RangeError for sizes that are not positive integers and a `paddingIndex` outside the vocabulary; a TypeError for
 * features, when it runs.
 */
export function embedding(options: EmbeddingOptions): Layer {
  options = checkOptions('embedding', options, {
    inputSize: positiveInteger,
    outputSize: positiveInteger,
    paddingIndex: anything,
  });
  const { inputSize, outputSize, paddingIndex } = options;
  optional(wholeNumber(0, inputSize - 1))('embedding', 'paddingIndex', paddingIndex);
  const table = embeddingTable(inputSize, outputSize, paddingIndex);
  return {
    kind: 'embedding',
    inputSize,
    outputSize,
    takes: 'tokens',
    parameters: [table.parameter],
    state: {},
    options: { inputSize, outputSize, ...(paddingIndex !== undefined && { paddingIndex }) },
    tape({ kernel, weights: { weight: w }, steps, lanes, allocate }) {
      const output = allocate(steps * lanes * outputSize);
      return {
        output,
        state: {},
        repeats: () => true,
        inRows: true,
        forward(input, steps) {
          kernel.gather(output, tokens(input), w!, steps * lanes, outputSize);
        },
        differentiate: ({ gradients: { weight: dw }, outputGradient }) => ({
          stateGradient: {},
          backward(input, _inputGradient, steps) {
            kernel.scatter(dw!, outputGradient, tokens(input), steps * lanes, outputSize);
            table.clearPadding(kernel, dw!);
          },
          rowsTouched: (input, steps) => tokens(input).subarray(0, steps * lanes),
        }),
      };
    },
  };
}

function tokens(input: LayerInput): Int32Array {
  if (input instanceof Int32Array) return input;
  throw new TypeError('embedding: takes tokens (Int32Array), got features');
}
