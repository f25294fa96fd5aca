import type { Kernel, Nonlinearity } from '../kernel/kernel.js';
import { checkSize } from './checkSize.js';
import type { Layer, LayerInput } from './layer.js';
import type { Numbers } from '../types.js';

/** Which function, of how many numbers a step. */
export interface ActivationOptions {
  /** Numbers a step, of input and output alike. */
  readonly size: number;
  /** What is applied; no default. */
  readonly nonlinearity: Activation;
}

/** What a layer of its own can apply: to each number by itself, or to the features of a step as a whole. */
export type Activation = Nonlinearity | 'softmax' | 'logSoftmax';

const NONLINEARITIES: readonly string[] = ['tanh', 'relu', 'sigmoid', 'identity', 'softmax', 'logSoftmax'];

/**
 * A layer without parameters: each number through a nonlinearity, such as sigmoid outputs, or the features of each step
 * through `softmax` (`exp(x) / Σ exp(x)`) or `logSoftmax`, its logarithm. `crossEntropy` takes logits.
 *
 * Takes features, gives as many. A RangeError for a nonlinearity that there is not, a TypeError for tokens when it
 * runs.
 */
export function activation(options: ActivationOptions): Layer {
  const { size, nonlinearity } = options;
  checkSize('activation', 'size', size);
  if (!NONLINEARITIES.includes(nonlinearity)) {
    throw new RangeError(`activation: nonlinearity must be one of ${NONLINEARITIES.join(', ')}, got ${nonlinearity}`);
  }
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
        repeats: () => true,
        forward(input, steps) {
          const length = steps * lanes * size;
          kernel.copy(output, features(input), length);
          activate(kernel, nonlinearity, output, steps * lanes, size);
        },
        backward(_input, inputGradient, steps) {
          const length = steps * lanes * size;
          activateBack(kernel, nonlinearity, outputGradient, output, steps * lanes, size);
          if (inputGradient) kernel.addRows(inputGradient, outputGradient, 1, length);
        },
      };
    },
  };
}

function activate(kernel: Kernel, nonlinearity: Activation, y: Numbers, rows: number, width: number): void {
  if (nonlinearity === 'softmax') kernel.softmax(y, rows, width);
  else if (nonlinearity === 'logSoftmax') kernel.logSoftmax(y, rows, width);
  else kernel.activate(nonlinearity, y, rows * width);
}

/** `dy`, the gradient at the outputs, becomes the one at the inputs. */
function activateBack(
  kernel: Kernel,
  nonlinearity: Activation,
  dy: Numbers,
  y: Numbers,
  rows: number,
  width: number,
): void {
  if (nonlinearity === 'softmax') kernel.softmaxBack(dy, y, rows, width);
  else if (nonlinearity === 'logSoftmax') kernel.logSoftmaxBack(dy, y, rows, width);
  else kernel.activateBack(nonlinearity, dy, y, rows * width);
}

function features(input: LayerInput): Numbers {
  if (!(input instanceof Int32Array)) return input;
  throw new TypeError('activation: takes features, got tokens');
}
