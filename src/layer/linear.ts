import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import type { Layer } from './layer.js';
import { uniform } from './uniform.js';

/** The sizes of `linear`. */
export interface LinearOptions {
  /** Width of the features; for tokens, the size of the vocabulary. */
  readonly inputSize: number;
  /** Numbers that it gives per step. */
  readonly outputSize: number;
  /** Whether there is a bias vector; `true` by default. */
  readonly bias?: boolean | undefined;
}

/**
 * A linear layer, `y = W x + b`, the same at every step.
 *
 * Takes features, or tokens as one-hot vectors. Parameters: `weight` (output, input) and `bias` (output).
 * Names, shapes and initialisation (uniform in ±1/√input) of `torch.nn.Linear`. A RangeError for sizes that are not
 * positive integers.
 */
export function linear(options: LinearOptions): Layer {
  options = checkOptions('linear', options, {
    inputSize: positiveInteger,
    outputSize: positiveInteger,
    bias: optional(flag),
  });
  const { inputSize, outputSize, bias = true } = options;
  const weight = uniform('weight', [outputSize, inputSize], inputSize);
  return {
    kind: 'linear',
    inputSize,
    outputSize,
    takes: 'either',
    parameters: bias ? [weight, uniform('bias', [outputSize], inputSize)] : [weight],
    state: {},
    options: { inputSize, outputSize, bias },
    tape({ kernel, weights: { weight: w, bias: b }, steps, lanes, allocate }) {
      const matrix = kernel.matrix(w!, inputSize, outputSize);
      const output = allocate(steps * lanes * outputSize);
      return {
        output,
        state: {},
        repeats: () => true,
        inRows: true,
        forward(input, steps) {
          const rows = steps * lanes;
          kernel.setRows(output, b, rows, outputSize);
          if (input instanceof Int32Array) matrix.multiplyTokens(output, input, rows);
          else matrix.multiply(output, input, rows);
        },
        differentiate: ({ gradients: { weight: dw, bias: db }, outputGradient }) => ({
          stateGradient: {},
          backward(input, inputGradient, steps) {
            const rows = steps * lanes;
            if (db) kernel.sumRows(db, outputGradient, rows, outputSize);
            if (input instanceof Int32Array) {
              kernel.outerTokens(dw!, outputGradient, input, rows, inputSize, outputSize);
              return;
            }
            kernel.outer(dw!, outputGradient, input, rows, inputSize, outputSize);
            if (inputGradient) matrix.multiplyBack(inputGradient, outputGradient, rows);
          },
        }),
      };
    },
  };
}
