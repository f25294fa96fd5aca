import { type MonoTypeOperatorFunction, NEVER, type Observable, ReplaySubject } from 'rxjs';
import type { Epoch, Model, Token } from '../../src/index.js';
import { countDistance, type Counts, countsOf } from './countDistance.js';
import { highestRanks, learnSessions } from './sessionModel.js';

/** What a score is made of. */
export interface SessionScoreOptions {
  readonly keys: number;
  readonly hidden: number;
  readonly epochs: number;
  readonly seed: number;
  /** The share of held-out normal sessions that may be above the threshold. */
  readonly rate: number;
  /** Whether the counts of events are mixed in. */
  readonly mixed: boolean;
  /** Ends the learning early: the score is then of what was learned. */
  readonly stop$?: Observable<unknown>;
  /** Looks at the passes of each of the two models. */
  watch(part: 'threshold' | 'score'): MonoTypeOperatorFunction<Epoch>;
}

/** What a score is made of once it is learned. */
export interface LearnedScore {
  readonly model: Model;
  /** Sessions above it are strange. */
  readonly threshold: number;
  /** Where counts are mixed in: those that are known, and what a rank and a distance are divided by. */
  readonly mixed?: { readonly known: readonly Counts[]; readonly rankUnit: number; readonly countUnit: number };
}

/**
 * Learns a score from normal sessions, in random order, and its threshold without labels: a fifth of them is held out
 * from a first model, and the threshold is the score that a given share of it exceeds. The score itself is of a second
 * model, of all sessions.
 */
export async function sessionScore(
  sessions: readonly (readonly Token[])[],
  options: SessionScoreOptions,
): Promise<LearnedScore> {
  const { keys, rate, watch } = options;
  const stop$ = new ReplaySubject<unknown>(1); // ends the second model, too, where the first was ended
  const stopping = (options.stop$ ?? NEVER).subscribe(stop$);
  const cut = Math.ceil(sessions.length / 5);
  const [held, learning] = [sessions.slice(0, cut), sessions.slice(cut)];
  const first = await learnSessions(learning, { ...options, stop$, watch: watch('threshold') });
  if (first.passes === 0) throw new Error('ended before the first pass over the sessions: nothing was learned');
  const ranks = await highestRanks(first.model, held);
  let combined = ranks;
  let mixed: LearnedScore['mixed'];
  if (options.mixed) {
    const counts = held.map(countDistance(countsOf(learning, keys)));
    const [rankUnit, countUnit] = [exceededBy(ranks, rate), exceededBy(counts, rate) || 1];
    mixed = { known: countsOf(sessions, keys), rankUnit, countUnit };
    combined = ranks.map((rank, i) => (rank / rankUnit + counts[i]! / countUnit) / 2);
  }
  const second = await learnSessions(sessions, { ...options, stop$, watch: watch('score') });
  stopping.unsubscribe();
  const { model } = second.passes > 0 ? second : first;
  return { model, threshold: exceededBy(combined, rate), ...(mixed && { mixed }) };
}

/** Scores sessions: the higher, the stranger. */
export async function scoresOf(
  { model, mixed }: LearnedScore,
  sessions: readonly (readonly Token[])[],
): Promise<number[]> {
  const ranks = await highestRanks(model, sessions);
  if (!mixed) return ranks;
  const distance = countDistance(mixed.known);
  return ranks.map((rank, i) => (rank / mixed.rankUnit + distance(sessions[i]!) / mixed.countUnit) / 2);
}

/** The number that a share of the numbers exceeds. */
function exceededBy(numbers: readonly number[], share: number): number {
  return numbers.toSorted((a, b) => b - a)[Math.floor(share * numbers.length)]!;
}
