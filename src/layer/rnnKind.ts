import { oneOf } from '../check/oneOf.js';
import type { Nonlinearity } from '../kernel/kernel.js';
import type { CellKind } from './cellKind.js';
import { rowsOf } from './rowsOf.js';

/** The cell of Elman's network: `h = f(sum)`, computed where `h` is kept. `layer` is the caller's name, for messages. */
export function rnnKind(layer: string, nonlinearity: Nonlinearity): CellKind {
  oneOf('tanh', 'relu', 'sigmoid', 'identity')(layer, 'nonlinearity', nonlinearity);
  return {
    count: 1,
    carried: ['h'],
    inRows: true,
    bind({ kernel, lanes, hiddenSize, carried, hidden }) {
      const { after } = carried['h']!;
      const length = lanes * hiddenSize;
      return {
        sums: hidden,
        hiddenSums: hidden,
        repeats: true,
        step(t) {
          kernel.activate(nonlinearity, after[t]!, length);
        },
        differentiate({ hiddenGradient }) {
          const dh = rowsOf(hiddenGradient, length);
          return {
            sumsGradient: hiddenGradient,
            hiddenSumsGradient: hiddenGradient,
            stepBack(t) {
              kernel.activateBack(nonlinearity, dh[t]!, after[t]!, length);
            },
          };
        },
      };
    },
  };
}
