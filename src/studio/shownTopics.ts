import type { Board } from './board.js';
import type { Topics } from './messages.js';
import { TOPICS } from './topics.js';

/** Topics of a moment, and the points, which are in the curves. */
const PASSING: ReadonlySet<keyof Topics> = new Set(['points', 'answer', 'ended']);

/** What a board shows now, for a page that has it from the beginning. */
export function shownTopics(board: Board): Partial<Topics> {
  const topics: Partial<Record<keyof Topics, unknown>> = { curves: board.points };
  for (const topic of TOPICS) {
    const value = PASSING.has(topic) ? undefined : board.get(topic);
    if (value !== undefined) topics[topic] = value;
  }
  return topics as Partial<Topics>; // each is the board's own
}
