import type { Gates } from './gates.js';
import { rowsOf } from './rowsOf.js';

/** The gated recurrent unit: gates r, z, n, the reset gate after the product; `h = (1 − z) · n + z · h[t−1]`. */
export const gruGates: Gates = {
  count: 3,
  carried: ['h'],
  lay({ kernel, steps, lanes, hiddenSize, tracks, outputGradients }) {
    const { before, after } = tracks['h']!;
    const length = 3 * lanes * hiddenSize;
    const sums = kernel.allocate(steps * length);
    const hiddenSums = kernel.allocate(steps * length);
    const sumsGradient = kernel.allocate(steps * length);
    const hiddenSumsGradient = kernel.allocate(steps * length);
    const gates = rowsOf(sums, length);
    const hiddenGates = rowsOf(hiddenSums, length);
    const dGates = rowsOf(sumsGradient, length);
    const dHiddenGates = rowsOf(hiddenSumsGradient, length);
    return {
      sums,
      hiddenSums,
      sumsGradient,
      hiddenSumsGradient,
      step(t) {
        kernel.gruCell(after[t]!, gates[t]!, hiddenGates[t]!, before[t]!, lanes, hiddenSize);
      },
      stepBack(t, dBefore) {
        kernel.gruCellBack(
          dGates[t]!,
          dHiddenGates[t]!,
          dBefore,
          outputGradients[t]!,
          gates[t]!,
          hiddenGates[t]!,
          before[t]!,
          lanes,
          hiddenSize,
        );
      },
    };
  },
};
