import type { Numbers } from '../../types.js';
import { sigmoid } from '../math/sigmoid.js';
import { tanh } from '../math/tanh.js';

/** i, f, o = σ and g = tanh of their sums; c = f · c[t−1] + i · g and h = o · tanh c. */
export function lstmCell(
  h: Numbers,
  c: Numbers,
  tanhC: Numbers,
  gates: Numbers,
  cBefore: Numbers,
  rows: number,
  hidden: number,
): void {
  for (let r = 0, at = 0; r < rows; r++) {
    let i = r * 4 * hidden;
    for (let n = 0; n < hidden; n++, i++, at++) {
      const input = sigmoid(gates[i]!);
      const forget = sigmoid(gates[i + hidden]!);
      const candidate = tanh(gates[i + 2 * hidden]!);
      const out = sigmoid(gates[i + 3 * hidden]!);
      gates[i] = input;
      gates[i + hidden] = forget;
      gates[i + 2 * hidden] = candidate;
      gates[i + 3 * hidden] = out;
      const cell = forget * cBefore[at]! + input * candidate;
      const squashed = tanh(cell);
      c[at] = cell;
      tanhC[at] = squashed;
      h[at] = out * squashed;
    }
  }
}

/** With e = dc + dh · o (1 − tanh² c): di = e g i(1−i), df = e c[t−1] f(1−f), dg = e i (1−g²), do = dh tanh c · o(1−o). */
export function lstmCellBack(
  dGates: Numbers,
  dc: Numbers,
  dh: Numbers,
  gates: Numbers,
  cBefore: Numbers,
  tanhC: Numbers,
  rows: number,
  hidden: number,
): void {
  for (let r = 0, at = 0; r < rows; r++) {
    let i = r * 4 * hidden;
    for (let n = 0; n < hidden; n++, i++, at++) {
      const input = gates[i]!;
      const forget = gates[i + hidden]!;
      const candidate = gates[i + 2 * hidden]!;
      const out = gates[i + 3 * hidden]!;
      const squashed = tanhC[at]!;
      const e = dc[at]! + dh[at]! * out * (1 - squashed * squashed);
      dGates[i] = e * candidate * input * (1 - input);
      dGates[i + hidden] = e * cBefore[at]! * forget * (1 - forget);
      dGates[i + 2 * hidden] = e * input * (1 - candidate * candidate);
      dGates[i + 3 * hidden] = dh[at]! * squashed * out * (1 - out);
      dc[at] = e * forget;
    }
  }
}
