import type { Numbers } from '../types.js';

/**
 * Copies `x` to `y`, or zeros without `x`, in the lanes that are padding at step `t`: where `mask[t][lane]` is 0. Both
 * are `lanes × width`; the other lanes stay as they are.
 */
export function copyPaddedLanes(
  mask: Uint8Array,
  t: number,
  lanes: number,
  width: number,
  y: Numbers,
  x?: Numbers,
): void {
  for (let lane = 0; lane < lanes; lane++) {
    if (mask[t * lanes + lane] !== 0) continue;
    const [from, to] = [lane * width, (lane + 1) * width];
    if (!x) y.fill(0, from, to);
    else for (let i = from; i < to; i++) y[i] = x[i]!;
  }
}
