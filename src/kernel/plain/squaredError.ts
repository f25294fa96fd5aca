import type { Numbers } from '../../types.js';

export function squaredError(
  losses: Numbers,
  dx: Numbers,
  x: Numbers,
  targets: Numbers,
  mask: Uint8Array | undefined,
  rows: number,
  width: number,
): number {
  let total = 0;
  for (let r = 0, i = 0; r < rows; r++) {
    const counts = mask === undefined || mask[r] !== 0;
    for (let n = 0; n < width; n++, i++) {
      const error = counts ? x[i]! - targets[i]! : 0;
      dx[i] = 2 * error;
      losses[i] = error * error;
      total += error * error;
    }
  }
  return total;
}
