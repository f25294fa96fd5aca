import type { Nonlinearity } from '../kernel/kernel.js';
import { checkSize } from './checkSize.js';
import type { Layer, LayerInput } from './layer.js';
import type { Numbers } from '../types.js';

export interface ActivationOptions {
  readonly size: number;
  readonly nonlinearity: Nonlinearity;
}

/** A layer without parameters that puts each number through a nonlinearity, such as sigmoid outputs. */
export function activation(options: ActivationOptions): Layer {
  const { size, nonlinearity } = options;
  checkSize('activation', 'size', size);
  return {
    kind: 'activation',
    inputSize: size,
    outputSize: size,
    takes: 'features',
    parameters: [],
    state: {},
    options: { size, nonlinearity },
    tape(kernel, _weights, _gradients, steps, lanes) {
      const output = kernel.allocate(steps * lanes * size);
      const outputGradient = kernel.allocate(steps * lanes * size);
      return {
        output,
        outputGradient,
        state: {},
        stateGradient: {},
        forward(input, steps) {
          const length = steps * lanes * size;
          output.set(features(input).subarray(0, length));
          kernel.activate(nonlinearity, output, length);
        },
        backward(_input, inputGradient, steps) {
          const length = steps * lanes * size;
          kernel.activateBack(nonlinearity, outputGradient, output, length);
          if (inputGradient) kernel.addRows(inputGradient, outputGradient, 1, length);
        },
      };
    },
  };
}

function features(input: LayerInput): Numbers {
  if (!(input instanceof Int32Array)) return input;
  throw new TypeError('activation: takes features, got tokens');
}
