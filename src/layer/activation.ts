import { oneOf } from '../check/oneOf.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import type { Kernel, Nonlinearity } from '../kernel/kernel.js';
import type { Numbers } from '../types.js';
import { features } from './features.js';
import type { Layer } from './layer.js';

/** Which function, of how many numbers per step. */
export interface ActivationOptions {
  /** Numbers per step, of input and output alike. */
  readonly size: number;
  /** The function; no default. */
  readonly nonlinearity: Activation;
}

/** What `activation` applies: a function of each number by itself, or of the features of a step as a whole. */
export type Activation = Nonlinearity | 'softmax' | 'logSoftmax';

/**
 * A layer without parameters: each number through a nonlinearity, such as sigmoid outputs, or the features of each step
 * through `softmax` (`exp(x) / Σ exp(x)`) or `logSoftmax`, its logarithm. `crossEntropy` takes logits.
 *
 * Takes features, gives as many. A RangeError for a size that is not a positive integer and for an unknown
 * nonlinearity; a TypeError for tokens, when it runs.
 */
export function activation(options: ActivationOptions): Layer {
  options = checkOptions('activation', options, {
    size: positiveInteger,
    nonlinearity: oneOf('tanh', 'relu', 'sigmoid', 'identity', 'softmax', 'logSoftmax'),
  });
  const { size, nonlinearity } = options;
  return {
    kind: 'activation',
    inputSize: size,
    outputSize: size,
    takes: 'features',
    parameters: [],
    state: {},
    options: { size, nonlinearity },
    tape({ kernel, steps, lanes, allocate }) {
      const output = allocate(steps * lanes * size);
      return {
        output,
        state: {},
        repeats: () => true,
        inRows: true,
        forward(input, steps) {
          kernel.copy(output, features('activation', input), steps * lanes * size);
          activate(kernel, nonlinearity, output, steps * lanes, size);
        },
        differentiate: ({ outputGradient }) => ({
          stateGradient: {},
          backward(_input, inputGradient, steps) {
            activateBack(kernel, nonlinearity, outputGradient, output, steps * lanes, size);
            if (inputGradient) kernel.accumulate(inputGradient, outputGradient, steps * lanes * size);
          },
        }),
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
