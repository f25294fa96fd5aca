import type { Numbers } from '../../types.js';
import { exp } from '../math/exp.js';
import { oneMinusExp } from '../math/oneMinusExp.js';

/** The power of a gated decay: `a^(8 r)`. */
const POWER = 8;

/** log a = −8 r rate, rest = 1 − a². */
export function rgLruGates(
  decay: Numbers,
  rest: Numbers,
  gates: Numbers,
  rates: Numbers,
  rows: number,
  hidden: number,
): void {
  for (let row = 0, i = 0; row < rows; row++) {
    for (let k = 0; k < hidden; k++, i++) {
      const logA = -POWER * gates[i]! * rates[k]!;
      decay[i] = exp(logA);
      rest[i] = oneMinusExp(2 * logA);
    }
  }
}

/** With d, the gradient at log a: dr = −8 d rate r(1−r) and dRate = −8 d r. */
export function rgLruGatesBack(
  dGates: Numbers,
  dDecay: Numbers,
  gates: Numbers,
  rates: Numbers,
  rows: number,
  hidden: number,
): void {
  for (let row = 0, i = 0; row < rows; row++) {
    for (let k = 0; k < hidden; k++, i++) {
      const gate = gates[i]!;
      const d = -POWER * dDecay[i]!;
      dGates[i] = d * rates[k]! * gate * (1 - gate);
      dDecay[i] = d * gate;
    }
  }
}
