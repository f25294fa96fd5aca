import type { Window } from '../types.js';

/** 0 where a target does not count, since the step is padding or `targetMask` is 0; `undefined` where all count. */
export function targetsMask({ mask, targetMask }: Pick<Window, 'mask' | 'targetMask'>): Uint8Array | undefined {
  if (!mask || !targetMask) return mask ?? targetMask;
  return mask.map((flag, r) => (targetMask[r] === 0 ? 0 : flag));
}
