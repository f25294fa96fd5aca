import type { Kernel } from '../kernel.js';
import { leastAverage } from '../leastAverage.js';
import type { Calls } from './calls.js';

/**
 * The optimizers' updates by the module, over all of the weights. Arguments are named one by one: copying a step with
 * `...` costs a small model 2 % of its time.
 */
export function wasmUpdates(calls: Calls): Pick<Kernel, 'sgd' | 'adagrad' | 'rmsprop' | 'adam'> {
  return {
    sgd(weights, gradients, velocity, { learningRate, momentum, dampening, nesterov, weightDecay, first }) {
      const { length } = weights;
      const undamped = 1 - dampening;
      calls.sgd({
        weights,
        gradients,
        velocity,
        length,
        learningRate,
        momentum,
        undamped,
        nesterov,
        weightDecay,
        first,
        least: leastAverage(weights).least,
      });
    },
    adagrad(weights, gradients, squares, { learningRate, weightDecay, epsilon }) {
      calls.adagrad({ weights, gradients, squares, length: weights.length, learningRate, weightDecay, epsilon });
    },
    rmsprop(weights, gradients, squares, mean, velocity, { learningRate, alpha, epsilon, weightDecay, momentum }) {
      const { least, leastSquare } = leastAverage(weights);
      calls.rmsprop({
        weights,
        gradients,
        squares,
        mean,
        velocity,
        length: weights.length,
        learningRate,
        alpha,
        rest: 1 - alpha,
        epsilon,
        weightDecay,
        momentum,
        least,
        leastSquare,
      });
    },
    adam(weights, gradients, mean, squares, largest, step) {
      const { learningRate, beta1, beta2, epsilon, weightDecay, decoupledDecay, correction1, correction2 } = step;
      const { least, leastSquare } = leastAverage(weights);
      calls.adam({
        weights,
        gradients,
        mean,
        squares,
        largest,
        length: weights.length,
        beta1,
        rest1: 1 - beta1,
        beta2,
        rest2: 1 - beta2,
        epsilon,
        weightDecay,
        kept: 1 - learningRate * decoupledDecay,
        stride: learningRate / correction1,
        root2: Math.sqrt(correction2),
        least,
        leastSquare,
      });
    },
  };
}
