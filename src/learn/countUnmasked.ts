import type { Window } from '../types.js';

/** How many steps of all lanes of a window count: all but those where its mask is 0. */
export function countUnmasked({ steps, lanes, mask }: Window): number {
  const rows = steps * lanes;
  if (!mask) return rows;
  let count = 0;
  for (let r = 0; r < rows; r++) if (mask[r] !== 0) count++;
  return count;
}
