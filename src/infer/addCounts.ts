import { ENTRY, FIELDS, KINDS, LIST, TOTAL } from './contextMemory.js';
import type { NgramView } from './ngramView.js';

/** Adds the weighted counts after the contexts from `ending[first]` on to the sums of their tokens. */
export function addCounts(
  { memory, ending, known }: NgramView,
  first: number,
  weights: Float64Array,
  sums: Float64Array,
): void {
  const { fields, totals, entries, counts } = memory;
  for (let k = first; k < known; k++) {
    const context = ending[k]!;
    const kinds = fields[context * FIELDS + KINDS]!;
    const list = fields[context * FIELDS + LIST]!;
    const weight = weights[k]!;
    if (kinds === 1) sums[list]! += weight * totals[context * (FIELDS / 2) + TOTAL]!;
    else {
      for (let place = list, end = list + kinds * ENTRY; place < end; place += ENTRY) {
        sums[entries[place]!]! += weight * counts[(place >> 1) + 1]!;
      }
    }
  }
}
