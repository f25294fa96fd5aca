import type { Numbers } from '../../types.js';
import { sigmoid } from '../math/sigmoid.js';
import { tanh } from '../math/tanh.js';

/** r and z = σ of both sums, n = tanh(input sum + r · hidden sum); h = n + z · (h[t−1] − n). */
export function gruCell(
  h: Numbers,
  gates: Numbers,
  hiddenGates: Numbers,
  hBefore: Numbers,
  rows: number,
  hidden: number,
): void {
  for (let row = 0, at = 0; row < rows; row++) {
    let i = row * 3 * hidden;
    for (let k = 0; k < hidden; k++, i++, at++) {
      const reset = sigmoid(gates[i]! + hiddenGates[i]!);
      const update = sigmoid(gates[i + hidden]! + hiddenGates[i + hidden]!);
      const candidate = tanh(gates[i + 2 * hidden]! + reset * hiddenGates[i + 2 * hidden]!);
      gates[i] = reset;
      gates[i + hidden] = update;
      gates[i + 2 * hidden] = candidate;
      h[at] = candidate + update * (hBefore[at]! - candidate);
    }
  }
}

/** dn = dh (1−z) (1−n²), dz = dh (h[t−1] − n) z(1−z), dr = dn · hidden sum · r(1−r); dh[t−1] += dh · z. */
export function gruCellBack(
  dGates: Numbers,
  dHiddenGates: Numbers,
  dBefore: Numbers,
  dh: Numbers,
  gates: Numbers,
  hiddenGates: Numbers,
  hBefore: Numbers,
  rows: number,
  hidden: number,
): void {
  for (let row = 0, at = 0; row < rows; row++) {
    let i = row * 3 * hidden;
    for (let k = 0; k < hidden; k++, i++, at++) {
      const reset = gates[i]!;
      const update = gates[i + hidden]!;
      const candidate = gates[i + 2 * hidden]!;
      const d = dh[at]!;
      const dCandidate = d * (1 - update) * (1 - candidate * candidate);
      const dUpdate = d * (hBefore[at]! - candidate) * update * (1 - update);
      const dReset = dCandidate * hiddenGates[i + 2 * hidden]! * reset * (1 - reset);
      dGates[i] = dReset;
      dGates[i + hidden] = dUpdate;
      dGates[i + 2 * hidden] = dCandidate;
      dHiddenGates[i] = dReset;
      dHiddenGates[i + hidden] = dUpdate;
      dHiddenGates[i + 2 * hidden] = dCandidate * reset;
      dBefore[at]! += d * update;
    }
  }
}
