import type { CellKind } from './cellKind.js';
import { rowsOf } from './rowsOf.js';

/** The cell of long short-term memory: gates i, f, g, o; `c = f · c[t−1] + i · g`, `h = o · tanh c`. */
export const lstmKind: CellKind = {
  count: 4,
  carried: ['h', 'c'],
  inRows: true,
  bind({ kernel, steps, lanes, hiddenSize, carried, allocate }) {
    const h = carried['h']!;
    const c = carried['c']!;
    const length = lanes * hiddenSize;
    const sums = allocate(steps * 4 * length);
    const gates = rowsOf(sums, 4 * length);
    const tanhC = rowsOf(allocate(steps * length), length);
    return {
      sums,
      hiddenSums: sums,
      repeats: true,
      step(t) {
        kernel.lstmCell(h.after[t]!, c.after[t]!, tanhC[t]!, gates[t]!, c.before[t]!, lanes, hiddenSize);
      },
      differentiate({ hiddenGradient, carriedGradient }) {
        const sumsGradient = allocate(steps * 4 * length);
        const dGates = rowsOf(sumsGradient, 4 * length);
        const dh = rowsOf(hiddenGradient, length);
        const dc = carriedGradient['c']!;
        return {
          sumsGradient,
          hiddenSumsGradient: sumsGradient,
          stepBack(t) {
            kernel.lstmCellBack(dGates[t]!, dc, dh[t]!, gates[t]!, c.before[t]!, tanhC[t]!, lanes, hiddenSize);
          },
        };
      },
    };
  },
};
