// Linear recurrences, h[t] = keep · h[t−1] + fresh, and the gates of those that have no product of the state.
import type { Numbers } from '../../types.js';
import { sigmoid } from '../math/sigmoid.js';

export function scan(h: Numbers, keep: Numbers, fresh: Numbers, before: Numbers, length: number): void {
  for (let i = 0; i < length; i++) h[i] = keep[i]! * before[i]! + fresh[i]!;
}

export function scanBack(
  dKeep: Numbers,
  dBefore: Numbers,
  dh: Numbers,
  keep: Numbers,
  before: Numbers,
  length: number,
): void {
  for (let i = 0; i < length; i++) {
    dKeep[i] = dh[i]! * before[i]!;
    dBefore[i]! += dh[i]! * keep[i]!;
  }
}

/** keep = 1 − z, fresh = z · candidate. */
export function minGruGates(keep: Numbers, fresh: Numbers, sums: Numbers, rows: number, hidden: number): void {
  for (let row = 0, at = 0; row < rows; row++) {
    let i = row * 2 * hidden;
    for (let k = 0; k < hidden; k++, i++, at++) {
      const gate = sigmoid(sums[i + hidden]!);
      sums[i + hidden] = gate;
      keep[at] = 1 - sums[i + hidden]!;
      fresh[at] = sums[i + hidden]! * sums[i]!;
    }
  }
}

/** dCandidate = dFresh · z, dz = (dFresh · candidate − dKeep) z(1−z). */
export function minGruGatesBack(
  dSums: Numbers,
  dKeep: Numbers,
  dFresh: Numbers,
  sums: Numbers,
  rows: number,
  hidden: number,
): void {
  for (let row = 0, at = 0; row < rows; row++) {
    let i = row * 2 * hidden;
    for (let k = 0; k < hidden; k++, i++, at++) {
      const candidate = sums[i]!;
      const gate = sums[i + hidden]!;
      dSums[i] = dFresh[at]! * gate;
      dSums[i + hidden] = (dFresh[at]! * candidate - dKeep[at]!) * gate * (1 - gate);
    }
  }
}

/** Bounds for the sums of minLSTM's gates. */
interface Bounds {
  /** Sums beyond ± this count as that: below it both gates might be 0. */
  readonly limit: number;
  /** Two sums under this are raised, before the lesser of them meets the limit while its share still counts. */
  readonly low: number;
  /** What the greater of them is raised to: σ(x) is e^x there, as it is below. */
  readonly raised: number;
}

const BOUNDS = {
  float32: { limit: 80, low: -60, raised: -32 },
  float64: { limit: 700, low: -640, raised: -512 },
} satisfies Record<string, Bounds>;
/** So that two sums of −Infinity have a difference. */
const LEAST = -1e30;

/**
 * keep = f / (f + i), fresh = i / (f + i) · candidate. Where both sums are low, f / i is e to the power of their
 * difference, so that they are raised by the same amount.
 */
export function minLstmGates(keep: Numbers, fresh: Numbers, sums: Numbers, rows: number, hidden: number): void {
  const { limit, low, raised } = BOUNDS[sums instanceof Float32Array ? 'float32' : 'float64'];
  for (let row = 0, at = 0; row < rows; row++) {
    let i = row * 3 * hidden;
    for (let k = 0; k < hidden; k++, i++, at++) {
      const f = sums[i + hidden]!;
      const greater = f < sums[i + 2 * hidden]! ? sums[i + 2 * hidden]! : f;
      for (const gate of [i + hidden, i + 2 * hidden]) {
        const sum = greater < low ? sums[gate]! - Math.max(greater, LEAST) + raised : sums[gate]!;
        sums[gate] = sigmoid(Math.min(limit, Math.max(-limit, sum)));
      }
      const forget = sums[i + hidden]!;
      const input = sums[i + 2 * hidden]!;
      const total = forget + input;
      keep[at] = forget / total;
      fresh[at] = (input / total) * sums[i]!;
    }
  }
}

/** With the shares f′ = keep and i′ = 1 − f′: dCandidate = dFresh · i′, df′ = dKeep − dFresh · candidate. */
export function minLstmGatesBack(
  dSums: Numbers,
  dKeep: Numbers,
  dFresh: Numbers,
  keep: Numbers,
  sums: Numbers,
  rows: number,
  hidden: number,
): void {
  for (let row = 0, at = 0; row < rows; row++) {
    let i = row * 3 * hidden;
    for (let k = 0; k < hidden; k++, i++, at++) {
      const share = 1 - keep[at]!;
      const e = (dKeep[at]! - dFresh[at]! * sums[i]!) * keep[at]! * share;
      dSums[i] = dFresh[at]! * share;
      dSums[i + hidden] = e * (1 - sums[i + hidden]!);
      dSums[i + 2 * hidden] = e * (sums[i + 2 * hidden]! - 1);
    }
  }
}

/** x + 0.5 from 0 up, σ(x) below: positive, and its logarithm is smooth on both sides. */
export function positive(y: Numbers, rows: number, columns: number, yWidth: number): void {
  for (let row = 0; row < rows; row++) {
    for (let i = row * yWidth; i < row * yWidth + columns; i++) y[i] = y[i]! >= 0 ? y[i]! + 0.5 : sigmoid(y[i]!);
  }
}

export function positiveBack(dy: Numbers, y: Numbers, rows: number, columns: number, yWidth: number): void {
  for (let row = 0; row < rows; row++) {
    for (let i = row * yWidth; i < row * yWidth + columns; i++) {
      if (!(y[i]! >= 0.5)) dy[i]! *= y[i]! * (1 - y[i]!);
    }
  }
}
