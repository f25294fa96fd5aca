import type { SeriesPoint } from '../../src/studio.js';
import type { Scored } from './scored.js';

/** The score of a line as a page shows it, with its alarm and the line that it is about. */
export function scorePoint({ score, number, alarm, line, why }: Scored): SeriesPoint {
  const reasons = why && why.reasons.length > 0 ? ` (${why.reasons.join(', ')})` : '';
  return { value: score, time: number, alarm: alarm !== undefined, note: `${line.slice(0, 400)}${reasons}` };
}
