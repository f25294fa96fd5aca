import { checkMembers } from '../model/checkMembers.js';
import { checkWindow } from '../model/checkWindow.js';
import type { Window } from '../types.js';
import { targetsMask } from './targetsMask.js';

/** Counts the steps of all lanes whose target counts: neither `mask` nor `targetMask` is 0 there. */
export function countUnmasked(window: Window): number {
  checkMembers('countUnmasked', window);
  checkWindow('countUnmasked', window);
  const rows = window.steps * window.lanes;
  const mask = targetsMask(window);
  if (!mask) return rows;
  let count = 0;
  for (let r = 0; r < rows; r++) if (mask[r] !== 0) count++;
  return count;
}
