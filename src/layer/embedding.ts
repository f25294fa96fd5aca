import { checkSize } from './checkSize.js';
import type { Layer, LayerInput } from './layer.js';

export interface EmbeddingOptions {
  readonly vocabSize: number;
  readonly embeddingSize: number;
}

/**
 * An embedding: each token becomes its row of a learned table; token −1 becomes zeros.
 *
 * Parameter: `weight` (vocabulary, embedding), standard normal at first. Names and shapes of `torch.nn.Embedding`.
 */
export function embedding(options: EmbeddingOptions): Layer {
  const { vocabSize, embeddingSize } = options;
  checkSize('embedding', 'vocabSize', vocabSize);
  checkSize('embedding', 'embeddingSize', embeddingSize);
  return {
    kind: 'embedding',
    inputSize: vocabSize,
    outputSize: embeddingSize,
    takes: 'tokens',
    parameters: [
      {
        name: 'weight',
        shape: [vocabSize, embeddingSize],
        initialise(data, random) {
          for (let i = 0; i < data.length; i++) data[i] = random.normal();
        },
      },
    ],
    state: {},
    options: { vocabSize, embeddingSize },
    tape(kernel, { weight: w }, { weight: dw }, steps, lanes) {
      const output = kernel.allocate(steps * lanes * embeddingSize);
      const outputGradient = kernel.allocate(steps * lanes * embeddingSize);
      return {
        output,
        outputGradient,
        state: {},
        stateGradient: {},
        forward(input, steps) {
          kernel.gather(output, tokens(input), w!, steps * lanes, embeddingSize);
        },
        backward(input, _inputGradient, steps) {
          kernel.scatter(dw!, outputGradient, tokens(input), steps * lanes, embeddingSize);
        },
      };
    },
  };
}

function tokens(input: LayerInput): Int32Array {
  if (input instanceof Int32Array) return input;
  throw new TypeError('embedding: takes tokens (Int32Array), got features');
}
