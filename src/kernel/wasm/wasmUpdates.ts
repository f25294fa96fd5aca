import type { Numbers } from '../../types.js';
import type { Exports } from './instantiate.js';
import type { Kernel } from '../kernel.js';

/** The optimizers' updates by the module, over all of the weights. */
export function wasmUpdates(exports: Exports): Pick<Kernel, 'sgd' | 'adagrad' | 'rmsprop' | 'adam'> {
  return {
    sgd(weights, gradients, velocity, { learningRate, momentum, dampening, nesterov, weightDecay, first }) {
      exports.sgd(
        weights.byteOffset,
        gradients.byteOffset,
        optional(velocity),
        weights.length,
        learningRate,
        momentum,
        1 - dampening,
        Number(nesterov),
        weightDecay,
        Number(first),
      );
    },
    adagrad(weights, gradients, squares, { learningRate, weightDecay, epsilon }) {
      exports.adagrad(
        weights.byteOffset,
        gradients.byteOffset,
        squares.byteOffset,
        weights.length,
        learningRate,
        weightDecay,
        epsilon,
      );
    },
    rmsprop(weights, gradients, squares, mean, velocity, { learningRate, alpha, epsilon, weightDecay, momentum }) {
      exports.rmsprop(
        weights.byteOffset,
        gradients.byteOffset,
        squares.byteOffset,
        optional(mean),
        optional(velocity),
        weights.length,
        learningRate,
        alpha,
        1 - alpha,
        epsilon,
        weightDecay,
        momentum,
      );
    },
    adam(weights, gradients, mean, squares, largest, step) {
      const { learningRate, beta1, beta2, epsilon, weightDecay, decoupledDecay, correction1, correction2 } = step;
      exports.adam(
        weights.byteOffset,
        gradients.byteOffset,
        mean.byteOffset,
        squares.byteOffset,
        optional(largest),
        weights.length,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        epsilon,
        weightDecay,
        1 - learningRate * decoupledDecay,
        learningRate / correction1,
        Math.sqrt(correction2),
      );
    },
  };
}

/** The address of an array; 0, where nothing lies, for none. */
function optional(numbers: Numbers | undefined): number {
  return numbers ? numbers.byteOffset : 0;
}
