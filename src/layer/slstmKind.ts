import { positiveInteger } from '../check/positiveInteger.js';
import type { CellKind } from './cellKind.js';
import { denseSums } from './denseSums.js';
import { headSize } from './headsProduct.js';
import { recurrentWeight } from './recurrentWeight.js';
import { rowsOf } from './rowsOf.js';
import { uniform } from './uniform.js';

/**
 * The sLSTM of xLSTM: gates i, f, z, o, of which i is an exponential. With l = log σ(f) + m, the state is kept in units of
 * e^m, m the larger of i and l:
 *
 *   i′ = e^(i − m), f′ = e^(l − m), at most 1; c = f′ c + i′ tanh z; n = f′ n + i′; h = σ(o) c / n
 *
 * A lane whose n is all zeros starts: there m = i.
 */
export function slstmKind(who: string, heads: number): CellKind {
  positiveInteger(who, 'heads', heads);
  return {
    count: 4,
    carried: ['h', 'c', 'n', 'm'],
    inRows: true,
    parameters: ({ inputSize, hiddenSize, bias, orthogonal }) => {
      const size = headSize(who, heads, hiddenSize);
      return [
        uniform('weight_ih', [4 * hiddenSize, inputSize], hiddenSize),
        recurrentWeight([heads, 4 * size, size], hiddenSize, orthogonal, size),
        ...(bias ? [uniform('bias', [4 * hiddenSize], hiddenSize)] : []),
      ];
    },
    sums: (context) => denseSums(context, { heads, inputBias: 'bias' }),
    bind({ kernel, steps, lanes, hiddenSize, carried, allocate }) {
      const [h, c, n, m] = [carried['h']!, carried['c']!, carried['n']!, carried['m']!];
      const length = lanes * hiddenSize; // of one step
      const sums = allocate(4 * steps * length);
      const gates = rowsOf(sums, 4 * length);
      const kept = rowsOf(allocate(4 * steps * length), 4 * length);
      return {
        sums,
        hiddenSums: sums,
        repeats: true,
        step(t) {
          const [c0, n0, m0] = [c.before[t]!, n.before[t]!, m.before[t]!];
          const [h1, c1, n1, m1] = [h.after[t]!, c.after[t]!, n.after[t]!, m.after[t]!];
          kernel.slstmCell(h1, c1, n1, m1, kept[t]!, gates[t]!, c0, n0, m0, lanes, hiddenSize);
        },
        differentiate({ hiddenGradient, carriedGradient }) {
          const sumsGradient = allocate(4 * steps * length);
          const dGates = rowsOf(sumsGradient, 4 * length);
          const dh = rowsOf(hiddenGradient, length);
          const [dc, dn, dm] = [carriedGradient['c']!, carriedGradient['n']!, carriedGradient['m']!];
          return {
            sumsGradient,
            hiddenSumsGradient: sumsGradient,
            stepBack(t) {
              const [c0, n0] = [c.before[t]!, n.before[t]!];
              kernel.slstmCellBack(dGates[t]!, dc, dn, dm, dh[t]!, kept[t]!, gates[t]!, c0, n0, lanes, hiddenSize);
            },
          };
        },
      };
    },
  };
}
