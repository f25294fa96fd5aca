import type { Kernel } from '../kernel.js';
import { leastAverage } from '../leastAverage.js';
import type { Calls } from './calls.js';

/** The optimizers' updates by the module, over all of the weights. */
export function wasmUpdates(calls: Calls): Pick<Kernel, 'sgd' | 'adagrad' | 'rmsprop' | 'adam'> {
  return {
    sgd(weights, gradients, velocity, { dampening, ...step }) {
      const { least } = leastAverage(weights);
      calls.sgd({ weights, gradients, velocity, length: weights.length, undamped: 1 - dampening, ...step, least });
    },
    adagrad(weights, gradients, squares, step) {
      calls.adagrad({ weights, gradients, squares, length: weights.length, ...step });
    },
    rmsprop(weights, gradients, squares, mean, velocity, step) {
      const length = weights.length;
      const rest = 1 - step.alpha;
      calls.rmsprop({ weights, gradients, squares, mean, velocity, length, rest, ...step, ...leastAverage(weights) });
    },
    adam(weights, gradients, mean, squares, largest, step) {
      const { learningRate, beta1, beta2, epsilon, weightDecay, decoupledDecay, correction1, correction2 } = step;
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
        ...leastAverage(weights),
      });
    },
  };
}
