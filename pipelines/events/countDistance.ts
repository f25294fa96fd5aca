import type { Token } from '../../src/index.js';

/** How often a session has each key. */
export type Counts = readonly number[];

/** The counts of sessions, each once. */
export function countsOf(sessions: readonly (readonly Token[])[], keys: number): Counts[] {
  const counted = sessions.map((session) => counts(session, keys));
  return [...new Map(counted.map((counts) => [counts.join(' '), counts])).values()];
}

/**
 * Makes a score of how far the counts of a session's keys are from the nearest that are known: the sum of the differences
 * over the length of the longer, from 0 to 2, since an event that is missing counts as much as one too many; 1 + that where
 * a key, or a length, was never seen.
 */
export function countDistance(known: readonly Counts[]): (session: readonly Token[]) => number {
  const keys = known[0]!.length;
  const lengths = known.map((counts) => counts.reduce((sum, count) => sum + count, 0));
  const shortest = lengths.reduce((least, length) => Math.min(least, length));
  const longest = lengths.reduce((most, length) => Math.max(most, length));
  const seen = new Set(known.flatMap((counts) => counts.flatMap((count, key) => (count > 0 ? key : []))));
  return (session) => {
    const own = counts(session, keys);
    let nearest = Infinity;
    for (const [i, counts] of known.entries()) {
      let difference = 0;
      for (let key = 0; key < keys; key++) difference += Math.abs(own[key]! - counts[key]!);
      nearest = Math.min(nearest, difference / Math.max(session.length, lengths[i]!, 1));
    }
    const strange = session.length < shortest || session.length > longest || session.some((key) => !seen.has(key));
    return strange ? 1 + nearest : nearest;
  };
}

function counts(session: readonly Token[], keys: number): number[] {
  const found = Array<number>(keys).fill(0);
  for (const key of session) found[key]! += 1;
  return found;
}
