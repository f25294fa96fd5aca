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
  /** Looks at the passes of each of the models. */
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

/** Parts of the sessions, each of which is held out once. */
const FOLDS = 3;

/**
 * Learns a score from normal sessions, in random order, and its threshold without labels: each third of them is scored by
 * a model of the others, and the threshold is what a given share of all these scores exceeds. (Had only a fifth of 5,000
 * sessions been held out, a share of 0.003 would be three sessions, and one of them would decide the threshold.) The score
 * itself comes from a model of all sessions.
 */
export async function sessionScore(
  sessions: readonly (readonly Token[])[],
  options: SessionScoreOptions,
): Promise<LearnedScore> {
  const { keys, rate, watch } = options;
  const stop$ = new ReplaySubject<unknown>(1); // ends the models after it, too
  const stopping = (options.stop$ ?? NEVER).subscribe(stop$);
  let ranks: number[] = [];
  let counts: number[] = [];
  let latest: Model | undefined;
  for (let fold = 0; fold < Math.min(FOLDS, sessions.length); fold++) {
    const held = sessions.filter((_, i) => i % FOLDS === fold);
    const learning = sessions.filter((_, i) => i % FOLDS !== fold);
    const { model, passes } = await learnSessions(learning, { ...options, stop$, watch: watch('threshold') });
    if (passes === 0) break;
    latest = model;
    ranks = ranks.concat(await highestRanks(model, held));
    if (options.mixed) counts = counts.concat(held.map(countDistance(countsOf(learning, keys))));
  }
  if (latest === undefined) throw new Error('ended before the first pass over the sessions: nothing was learned');
  let combined = ranks;
  let mixed: LearnedScore['mixed'];
  if (options.mixed) {
    const [rankUnit, countUnit] = [exceededBy(ranks, rate), exceededBy(counts, rate) || 1];
    mixed = { known: countsOf(sessions, keys), rankUnit, countUnit };
    combined = ranks.map((rank, i) => (rank / rankUnit + counts[i]! / countUnit) / 2);
  }
  const last = await learnSessions(sessions, { ...options, stop$, watch: watch('score') });
  stopping.unsubscribe();
  return {
    model: last.passes > 0 ? last.model : latest,
    threshold: exceededBy(combined, rate),
    ...(mixed && { mixed }),
  };
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
