import type { Gates } from './gates.js';
import { rowsOf } from './rowsOf.js';

/** The cell of long short-term memory: gates i, f, g, o; `c = f · c[t−1] + i · g`, `h = o · tanh c`. */
export const lstmGates: Gates = {
  count: 4,
  carried: ['h', 'c'],
  lay({ kernel, steps, lanes, hiddenSize, tracks, outputGradients }) {
    const h = tracks['h']!;
    const c = tracks['c']!;
    const length = lanes * hiddenSize;
    const sums = kernel.allocate(steps * 4 * length);
    const sumsGradient = kernel.allocate(steps * 4 * length);
    const gates = rowsOf(sums, 4 * length);
    const gatesGradient = rowsOf(sumsGradient, 4 * length);
    const tanhC = rowsOf(kernel.allocate(steps * length), length);
    return {
      sums,
      hiddenSums: sums,
      sumsGradient,
      hiddenSumsGradient: sumsGradient,
      step(t) {
        kernel.lstmCell(h.after[t]!, c.after[t]!, tanhC[t]!, gates[t]!, c.before[t]!, lanes, hiddenSize);
      },
      stepBack(t) {
        const dh = outputGradients[t]!;
        const dGates = gatesGradient[t]!;
        kernel.lstmCellBack(dGates, c.gradient, dh, gates[t]!, c.before[t]!, tanhC[t]!, lanes, hiddenSize);
      },
    };
  },
};
