import type { Scored } from './scored.js';
import { shortened } from './shortened.js';

/** Keeps the strangest lines of a stream, however long it is. */
export interface Strangest {
  add(scored: Scored): void;
  /** The strangest first; of equal ones the earlier. */
  list(): Scored[];
}

const LONG = 4096; // UTF-16 units

/**
 * Keeps the `most` lines of the highest score. Lines that came while it was still learning what is usual give way to any
 * others. Of lines longer than 4,096 characters the beginning is kept.
 */
export function strangest(most: number): Strangest {
  let kept: Scored[] = [];
  let least = -Infinity;
  const rank = ({ learning = false, score }: Scored): number => (learning ? score - 1e9 : score);
  function cut(): void {
    kept = kept.toSorted((a, b) => rank(b) - rank(a) || a.number - b.number).slice(0, most);
    if (kept.length === most) least = rank(kept.at(-1)!);
  }
  return {
    add(scored) {
      if (rank(scored) <= least) return;
      kept.push(scored.line.length > LONG ? shortened(scored) : scored);
      if (kept.length >= 2 * most) cut();
    },
    list() {
      cut();
      return kept;
    },
  };
}
