import type { Board } from './board.js';
import type { Topics } from './messages.js';

/** What a page that is written shows besides the curves. */
const KEPT: readonly (keyof Topics)[] = [
  'about',
  'controls',
  'samples',
  'text',
  'matches',
  'pipeline',
  'series',
  'attention',
];

/** What a board shows now, for a page that has it from the beginning. */
export function shownTopics(board: Board): Partial<Topics> {
  const topics: Partial<Record<keyof Topics, unknown>> = { curves: board.points };
  for (const topic of KEPT) {
    const value = board.get(topic);
    if (value !== undefined) topics[topic] = value;
  }
  return topics as Partial<Topics>; // each is the board's own
}
