import type { CellKind } from './cellKind.js';
import { rowsOf } from './rowsOf.js';

/** The gated recurrent unit: gates r, z, n, the reset gate after the product; `h = (1 − z) · n + z · h[t−1]`. */
export const gruKind: CellKind = {
  count: 3,
  carried: ['h'],
  inRows: true,
  bind({ kernel, steps, lanes, hiddenSize, carried, allocate }) {
    const { before, after } = carried['h']!;
    const length = 3 * lanes * hiddenSize;
    const sums = allocate(steps * length);
    const hiddenSums = allocate(steps * length);
    const gates = rowsOf(sums, length);
    const hiddenGates = rowsOf(hiddenSums, length);
    return {
      sums,
      hiddenSums,
      repeats: true,
      step(t) {
        kernel.gruCell(after[t]!, gates[t]!, hiddenGates[t]!, before[t]!, lanes, hiddenSize);
      },
      differentiate({ hiddenGradient }) {
        const sumsGradient = allocate(steps * length);
        const hiddenSumsGradient = allocate(steps * length);
        const dGates = rowsOf(sumsGradient, length);
        const dHiddenGates = rowsOf(hiddenSumsGradient, length);
        const dh = rowsOf(hiddenGradient, lanes * hiddenSize);
        return {
          sumsGradient,
          hiddenSumsGradient,
          stepBack(t, dBefore) {
            kernel.gruCellBack(
              dGates[t]!,
              dHiddenGates[t]!,
              dBefore,
              dh[t]!,
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
  },
};
