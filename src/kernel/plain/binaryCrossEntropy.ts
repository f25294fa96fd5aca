import type { Numbers } from '../../types.js';
import { exp } from '../math/exp.js';
import { log1p } from '../math/log1p.js';
import { sigmoid } from '../math/sigmoid.js';

/**
 * With target t, weight v of the positive and s(x) = −log sigmoid(−x) = max(x, 0) + log(1 + exp(−|x|)):
 * loss = (1 − t) s(x) + v t s(−x), and dx = (1 − t) sigmoid(x) − v t sigmoid(−x). No term overflows or cancels.
 */
export function binaryCrossEntropy(
  losses: Numbers,
  dx: Numbers,
  x: Numbers,
  targets: Numbers,
  mask: Uint8Array | undefined,
  posWeight: Numbers | undefined,
  rows: number,
  width: number,
): number {
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const row = r * width;
    if (mask !== undefined && mask[r] === 0) {
      dx.fill(0, row, row + width);
      losses.fill(0, row, row + width);
      continue;
    }
    for (let n = 0, i = row; n < width; n++, i++) {
      const negative = 1 - targets[i]!;
      const positive = (posWeight === undefined ? 1 : posWeight[n]!) * targets[i]!;
      const curve = log1p(exp(-Math.abs(x[i]!)));
      const loss = negative * (Math.max(x[i]!, 0) + curve) + positive * (Math.max(-x[i]!, 0) + curve);
      dx[i] = negative * sigmoid(x[i]!) - positive * sigmoid(-x[i]!);
      losses[i] = loss;
      total += loss;
    }
  }
  return total;
}
