import { positiveInteger } from '../check/positiveInteger.js';
import { exp } from '../kernel/math/exp.js';
import { log1p } from '../kernel/math/log1p.js';
import { sigmoid } from '../kernel/math/sigmoid.js';
import { tanh } from '../kernel/math/tanh.js';
import type { CellKind } from './cellKind.js';
import { denseSums } from './denseSums.js';
import { headSize } from './headsProduct.js';
import { recurrentWeight } from './recurrentWeight.js';
import { uniform } from './uniform.js';

/** Which exponent m follows: that of i, that of f, or that of i at a start whose f′ is held to 1. */
const [INPUT, FORGET, START] = [0, 1, 2];

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
    parameters: ({ inputSize, hiddenSize, bias, orthogonal }) => {
      const size = headSize(who, heads, hiddenSize);
      return [
        uniform('weight_ih', [4 * hiddenSize, inputSize], hiddenSize),
        recurrentWeight([heads, 4 * size, size], hiddenSize, orthogonal, size),
        ...(bias ? [uniform('bias', [4 * hiddenSize], hiddenSize)] : []),
      ];
    },
    sums({ weights, ...context }) {
      const own = denseSums({ ...context, weights: asTorch(weights), heads });
      return { ...own, differentiate: (at) => own.differentiate({ ...at, gradients: asTorch(at.gradients) }) };
    },
    bind({ steps, lanes, hiddenSize, carried, hidden, allocate }) {
      const [c, n, m] = [carried['c']!, carried['n']!, carried['m']!];
      const length = lanes * hiddenSize; // of one step
      const sums = allocate(4 * steps * length); // become i′, 1 − σ(f), tanh z, σ(o)
      const forget = allocate(steps * length); // f′
      const mean = allocate(steps * length); // c / n
      const inverse = allocate(steps * length); // 1 / n
      const followed = new Uint8Array(steps * length);

      return {
        sums,
        hiddenSums: sums,
        step(t) {
          const [c0, n0, m0] = [c.before[t]!, n.before[t]!, m.before[t]!];
          const [c1, n1, m1] = [c.after[t]!, n.after[t]!, m.after[t]!];
          for (let lane = 0; lane < lanes; lane++) {
            let unit = lane * hiddenSize;
            const starts = allZero(n0, unit, hiddenSize);
            for (
              let k = 0, at = 4 * (t * length + unit), row = t * length + unit;
              k < hiddenSize;
              k++, at++, unit++, row++
            ) {
              const input = sums[at]!;
              const f = sums[at + hiddenSize]!;
              const l = Math.min(f, 0) - log1p(exp(-Math.abs(f))) + m0[unit]!;
              const byInput = starts || input >= l;
              followed[row] = byInput ? (l > input ? START : INPUT) : FORGET;
              m1[unit] = byInput ? input : l;
              sums[at] = byInput ? 1 : exp(input - l);
              forget[row] = byInput ? Math.min(1, exp(l - input)) : 1;
              sums[at + hiddenSize] = sigmoid(-f);
              sums[at + 2 * hiddenSize] = tanh(sums[at + 2 * hiddenSize]!);
              sums[at + 3 * hiddenSize] = sigmoid(sums[at + 3 * hiddenSize]!);
              c1[unit] = forget[row]! * c0[unit]! + sums[at]! * sums[at + 2 * hiddenSize]!;
              n1[unit] = forget[row]! * n0[unit]! + sums[at]!;
              inverse[row] = 1 / n1[unit]!;
              mean[row] = c1[unit]! / n1[unit]!;
              hidden[row] = sums[at + 3 * hiddenSize]! * mean[row]!;
            }
          }
        },
        differentiate({ hiddenGradient, carriedGradient }) {
          const sumsGradient = allocate(4 * steps * length);
          const [dc, dn, dm] = [carriedGradient['c']!, carriedGradient['n']!, carriedGradient['m']!];
          return {
            sumsGradient,
            hiddenSumsGradient: sumsGradient,
            stepBack(t) {
              const [c0, n0] = [c.before[t]!, n.before[t]!];
              for (let lane = 0; lane < lanes; lane++) {
                let unit = lane * hiddenSize;
                for (
                  let k = 0, at = 4 * (t * length + unit), row = t * length + unit;
                  k < hiddenSize;
                  k++, at++, unit++, row++
                ) {
                  const [input, notForget] = [sums[at]!, sums[at + hiddenSize]!];
                  const [candidate, output] = [sums[at + 2 * hiddenSize]!, sums[at + 3 * hiddenSize]!];
                  const dh = hiddenGradient[row]!;
                  const dMean = dh * output * inverse[row]!;
                  const dC = dc[unit]! + dMean;
                  const dN = dn[unit]! - dMean * mean[row]!;
                  const dInput = (dC * candidate + dN) * input; // at the exponent of i′
                  const dForget = (dC * c0[unit]! + dN * n0[unit]!) * forget[row]!; // at that of f′
                  const which = followed[row]!;
                  const dL = which === INPUT ? dForget : which === FORGET ? dm[unit]! - dInput : 0;
                  sumsGradient[at] = which === INPUT ? dm[unit]! - dForget : which === FORGET ? dInput : dm[unit]!;
                  sumsGradient[at + hiddenSize] = dL * notForget;
                  sumsGradient[at + 2 * hiddenSize] = dC * input * (1 - candidate * candidate);
                  sumsGradient[at + 3 * hiddenSize] = dh * mean[row]! * output * (1 - output);
                  dc[unit] = dC * forget[row]!;
                  dn[unit] = dN * forget[row]!;
                  dm[unit] = dL;
                }
              }
            },
          };
        },
      };
    },
  };
}

/** torch's names of what `denseSums` reads: the one bias is the input's. */
function asTorch<T>({ bias, ...others }: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return bias === undefined ? others : { ...others, bias_ih: bias };
}

function allZero(numbers: ArrayLike<number>, from: number, length: number): boolean {
  for (let i = from; i < from + length; i++) if (numbers[i] !== 0) return false;
  return true;
}
