import type { Numbers } from '../../types.js';
import { exp } from '../math/exp.js';
import { sigmoid } from '../math/sigmoid.js';
import { softplus } from '../math/softplus.js';
import { tanh } from '../math/tanh.js';

/** Which exponent m follows: that of f, that of i, or that of i at a start whose f′ is held to 1. */
const [FORGET, INPUT, START] = [1, 0, -1];

/**
 * With l = log σ(f) + m[t−1], the state is kept in units of e^m, m the larger of i and l: i′ = e^(i − m),
 * f′ = e^(l − m); c = f′ c[t−1] + i′ tanh z, n = f′ n[t−1] + i′ and h = σ(o) c / n.
 *
 * A row whose n is all zeros starts: there m = i, and f′ is at most 1.
 */
export function slstmCell(
  h: Numbers,
  c: Numbers,
  n: Numbers,
  m: Numbers,
  kept: Numbers,
  gates: Numbers,
  cBefore: Numbers,
  nBefore: Numbers,
  mBefore: Numbers,
  rows: number,
  hidden: number,
): void {
  for (let r = 0, at = 0; r < rows; r++) {
    const starts = allZero(nBefore, r * hidden, hidden);
    let i = r * 4 * hidden;
    for (let k = 0; k < hidden; k++, i++, at++) {
      const input = gates[i]!;
      const forget = gates[i + hidden]!;
      const l = mBefore[at]! - softplus(-forget);
      const byInput = starts || input >= l;
      const less = exp(-Math.abs(input - l)); // that of the two exponents which m does not follow
      gates[i] = byInput ? 1 : less;
      gates[i + hidden] = sigmoid(-forget);
      gates[i + 2 * hidden] = tanh(gates[i + 2 * hidden]!);
      gates[i + 3 * hidden] = sigmoid(gates[i + 3 * hidden]!);
      kept[i] = byInput && !(l > input) ? less : 1;
      kept[i + hidden] = !byInput ? FORGET : l > input ? START : INPUT;
      c[at] = kept[i]! * cBefore[at]! + gates[i]! * gates[i + 2 * hidden]!;
      n[at] = kept[i]! * nBefore[at]! + gates[i]!;
      m[at] = byInput ? input : l;
      kept[i + 2 * hidden] = c[at]! / n[at]!;
      kept[i + 3 * hidden] = 1 / n[at]!;
      h[at] = gates[i + 3 * hidden]! * kept[i + 2 * hidden]!;
    }
  }
}

/**
 * With dC and dN, the gradients at c and n, the exponents of i′ and f′ have di = (dC tanh z + dN) i′ and
 * df = (dC c[t−1] + dN n[t−1]) f′. Where m follows i, l has df and i has dm − df; where it follows l, i has di and l has
 * dm − di; dm is the gradient at m. At a start whose f′ is held, i has dm and l nothing.
 */
export function slstmCellBack(
  dGates: Numbers,
  dc: Numbers,
  dn: Numbers,
  dm: Numbers,
  dh: Numbers,
  kept: Numbers,
  gates: Numbers,
  cBefore: Numbers,
  nBefore: Numbers,
  rows: number,
  hidden: number,
): void {
  for (let r = 0, at = 0; r < rows; r++) {
    let i = r * 4 * hidden;
    for (let k = 0; k < hidden; k++, i++, at++) {
      const [input, notForget] = [gates[i]!, gates[i + hidden]!];
      const [candidate, output] = [gates[i + 2 * hidden]!, gates[i + 3 * hidden]!];
      const [forget, followed] = [kept[i]!, kept[i + hidden]!];
      const [mean, inverse] = [kept[i + 2 * hidden]!, kept[i + 3 * hidden]!];
      const dMean = dh[at]! * output * inverse;
      const dC = dc[at]! + dMean;
      const dN = dn[at]! - dMean * mean;
      const di = (dC * candidate + dN) * input;
      const df = (dC * cBefore[at]! + dN * nBefore[at]!) * forget;
      const dL = followed === INPUT ? df : followed === FORGET ? dm[at]! - di : 0;
      dGates[i] = followed === INPUT ? dm[at]! - df : followed === FORGET ? di : dm[at]!;
      dGates[i + hidden] = dL * notForget;
      dGates[i + 2 * hidden] = dC * input * (1 - candidate * candidate);
      dGates[i + 3 * hidden] = dh[at]! * mean * output * (1 - output);
      dc[at] = dC * forget;
      dn[at] = dN * forget;
      dm[at] = dL;
    }
  }
}

function allZero(numbers: Numbers, from: number, length: number): boolean {
  for (let i = from; i < from + length; i++) if (numbers[i] !== 0) return false;
  return true;
}
