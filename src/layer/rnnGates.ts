import type { Nonlinearity } from '../kernel/kernel.js';
import type { Gates } from './gates.js';

const NONLINEARITIES: readonly string[] = ['tanh', 'relu', 'sigmoid', 'identity'];

/** The cell of Elman's network: `h = f(sum)`, worked out where `h` is kept. */
export function rnnGates(layer: string, nonlinearity: Nonlinearity): Gates {
  if (!NONLINEARITIES.includes(nonlinearity)) {
    throw new RangeError(`${layer}: nonlinearity must be one of ${NONLINEARITIES.join(', ')}, got ${nonlinearity}`);
  }
  return {
    count: 1,
    carried: ['h'],
    lay({ kernel, lanes, hiddenSize, tracks, output, outputGradient, outputGradients }) {
      const { after } = tracks['h']!;
      const length = lanes * hiddenSize;
      return {
        sums: output,
        hiddenSums: output,
        sumsGradient: outputGradient,
        hiddenSumsGradient: outputGradient,
        step(t) {
          kernel.activate(nonlinearity, after[t]!, length);
        },
        stepBack(t) {
          kernel.activateBack(nonlinearity, outputGradients[t]!, after[t]!, length);
        },
      };
    },
  };
}
