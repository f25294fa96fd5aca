import type { Scored } from './stages.js';
import { targetsMask } from './targetsMask.js';

/** The rows of a scored window whose targets count: `step · lanes + lane`, in ascending order. */
export function countedRows({ window, counts }: Pick<Scored, 'window' | 'counts'>): number[] {
  const mask = targetsMask(window);
  const rows: number[] = [];
  for (let row = 0; row < window.steps * window.lanes; row++) {
    if (mask?.[row] !== 0 && (counts?.(row) ?? true)) rows.push(row);
  }
  return rows;
}
