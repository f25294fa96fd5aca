import { checkSize } from './checkSize.js';
import type { Numbers } from '../types.js';
import type { Layer, LayerInput } from './layer.js';

/** The size of the table. */
export interface EmbeddingOptions {
  /** Tokens: rows of the table. */
  readonly inputSize: number;
  /** Numbers that a token becomes: columns of the table. */
  readonly outputSize: number;
  /** The token that stands for padding: its row starts as zeros and gets no gradient; none by default. */
  readonly paddingIndex?: number;
}

/**
 * An embedding: each token becomes its row of a learned table; token −1 becomes zeros.
 *
 * Parameter: `weight` (vocabulary, embedding), standard normal at first. Names and shapes of `torch.nn.Embedding`.
 * A RangeError for sizes that are not positive integers; a TypeError, when it runs, for features.
 */
export function embedding(options: EmbeddingOptions): Layer {
  const { inputSize, outputSize, paddingIndex } = options;
  checkSize('embedding', 'inputSize', inputSize);
  checkSize('embedding', 'outputSize', outputSize);
  if (
    paddingIndex !== undefined &&
    !(Number.isSafeInteger(paddingIndex) && 0 <= paddingIndex && paddingIndex < inputSize)
  ) {
    throw new RangeError(
      `embedding: paddingIndex must be a token of the vocabulary of ${inputSize}, got ${paddingIndex}`,
    );
  }
  const padding = (weight: Numbers): Numbers | undefined =>
    paddingIndex === undefined
      ? undefined
      : weight.subarray(paddingIndex * outputSize, (paddingIndex + 1) * outputSize);
  return {
    kind: 'embedding',
    inputSize,
    outputSize,
    takes: 'tokens',
    parameters: [
      {
        name: 'weight',
        shape: [inputSize, outputSize],
        initialise(data, random) {
          if (random.normals) random.normals(data);
          else for (let i = 0; i < data.length; i++) data[i] = random.normal();
          padding(data)?.fill(0);
        },
      },
    ],
    state: {},
    options: { inputSize, outputSize, ...(paddingIndex !== undefined && { paddingIndex }) },
    tape(kernel, { weight: w }, { weight: dw }, steps, lanes) {
      const paddingGradient = padding(dw!);
      const output = kernel.allocate(steps * lanes * outputSize);
      const outputGradient = kernel.allocate(steps * lanes * outputSize);
      return {
        output,
        outputGradient,
        state: {},
        stateGradient: {},
        repeats: () => true,
        forward(input, steps) {
          kernel.gather(output, tokens(input), w!, steps * lanes, outputSize);
        },
        backward(input, _inputGradient, steps) {
          kernel.scatter(dw!, outputGradient, tokens(input), steps * lanes, outputSize);
          if (paddingGradient) kernel.zero(paddingGradient, outputSize);
        },
      };
    },
  };
}

function tokens(input: LayerInput): Int32Array {
  if (input instanceof Int32Array) return input;
  throw new TypeError('embedding: takes tokens (Int32Array), got features');
}
