import type { Numbers, Window } from '../types.js';
import { targetsMask } from './targetsMask.js';

/**
 * The window as a loss is given it: `mask` is 0 where a target does not count, since the step is padding or `targetMask`
 * is 0 there, and the targets that do not count are zeros. The window's own arrays are not written.
 */
export function countedTargets(window: Window): Window {
  const mask = targetsMask(window);
  if (!mask) return window;
  const { targetMask: _, ...rest } = window;
  return { ...rest, mask, targets: zeroUncounted(window.targets, mask) };
}

/** The same targets, or a copy with zeros in the rows that do not count, where these hold anything else. */
function zeroUncounted(targets: Int32Array | Numbers, mask: Uint8Array): Int32Array | Numbers {
  const width = targets.length / mask.length;
  let zeroed: Int32Array | Numbers | undefined;
  for (let r = 0; r < mask.length; r++) {
    if (mask[r] !== 0) continue;
    for (let i = r * width; i < (r + 1) * width; i++) {
      if (targets[i] !== 0) (zeroed ??= targets.slice())[i] = 0; // NaN is not 0 either
    }
  }
  return zeroed ?? targets;
}
