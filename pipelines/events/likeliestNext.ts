import type { CaseEvent } from './cases.js';

/** What most often came after an event. */
export interface LikeliestNext {
  readonly event: string;
  /** An event, or null for the end of the case. */
  readonly any: string | null;
  /** The event, the end left out; null where only ends came. */
  readonly other: string | null;
}

/** Counts what most often came after each event; of as many, what came first. */
export function likeliestNext(cases: readonly (readonly CaseEvent[])[]): LikeliestNext[] {
  const after = new Map<string, Map<string | null, number>>();
  for (const events of cases) {
    for (const [i, { event }] of events.entries()) {
      const next = events[i + 1]?.event ?? null;
      const counts = after.get(event) ?? new Map<string | null, number>();
      after.set(event, counts.set(next, (counts.get(next) ?? 0) + 1));
    }
  }
  return [...after].map(([event, counts]) => ({ event, any: most(counts), other: most(counts, null) }));
}

/** The most frequent, `without` left out. */
function most(counts: ReadonlyMap<string | null, number>, without?: null): string | null {
  let best: string | null = null;
  let highest = 0;
  for (const [next, count] of counts) if (count > highest && next !== without) [best, highest] = [next, count];
  return best;
}
