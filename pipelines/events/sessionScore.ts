import { type MonoTypeOperatorFunction, NEVER, type Observable } from 'rxjs';
import type { Epoch, Model, Token } from '../../src/index.js';
import { countDistance, type Counts, countsOf, distancesToOthers } from './countDistance.js';
import { learnInTurn } from './learnInTurn.js';
import { learnSessions, logRanks } from './sessionModel.js';

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
  /** Looks at the passes of each network, of which there are `networks`. */
  watch(network: number, networks: number): MonoTypeOperatorFunction<Epoch>;
}

/** What a score is made of once it is learned. */
export interface LearnedScore {
  /** Networks, whose mean is the score. */
  readonly networks: readonly Model[];
  /** Sessions above it are strange. */
  readonly threshold: number;
  /** Where counts are mixed in: those that are known, and what that mean and a distance are divided by. */
  readonly counted?: { readonly known: readonly Counts[]; readonly rankUnit: number; readonly countUnit: number };
}

/** Parts of the sessions. */
const PARTS = 4;
/** The parts that each network does not learn: half of them, in every way, and after each way the opposite one. */
const LEFT_OUT: readonly (readonly number[])[] = [
  [0, 1],
  [2, 3],
  [0, 2],
  [1, 3],
  [0, 3],
  [1, 2],
];

/**
 * Learns a score from normal sessions, in random order, and its threshold without labels. Six networks each learn half of
 * the sessions, so that three have never seen a given session: the mean of their logarithms of ranks scores it, and the
 * threshold is what a given share of all these scores exceeds. New sessions are scored by the mean of all six.
 *
 * One network alone is a matter of luck: which rank it gives to what it has never seen depends on its first weights, as do
 * its threshold and the kinds of sessions that it does not see. A mean of several depends on them less.
 */
export async function sessionScore(
  sessions: readonly (readonly Token[])[],
  options: SessionScoreOptions,
): Promise<LearnedScore> {
  const { keys, seed, rate, stop$ = NEVER, watch } = options;
  const without = (left: readonly number[]): (readonly Token[])[] =>
    sessions.filter((_, i) => !left.includes(i % PARTS));
  const ways = LEFT_OUT.filter((left) => without(left).length > 0); // two sessions are in two parts
  const all = [...sessions.keys()];
  const unseen: number[][] = sessions.map(() => []); // what networks that have not learned a session say of it
  const networks = await learnInTurn({ networks: ways.length, of: 'sessions', stop$ }, async (n, stop$, partial) => {
    const left = ways[n]!;
    const network = { ...options, stop$, partial, seed: `${seed} ${n}`, watch: watch(n + 1, ways.length) };
    const model = await learnSessions(without(left), network);
    if (model === undefined) return undefined;
    const held = all.filter((i) => left.includes(i % PARTS));
    const scores = await logRanks(
      model,
      held.map((i) => sessions[i]!),
    );
    for (const [at, i] of held.entries()) unseen[i]!.push(scores[at]!);
    return model;
  });

  const held = all.filter((i) => unseen[i]!.length > 0); // all, unless the learning ended early
  const ranks = held.map((i) => mean(unseen[i]!));
  if (!options.mixed) return { networks, threshold: exceededBy(ranks, rate) };
  const known = countsOf(sessions, keys);
  const distances = distancesToOthers(sessions, known);
  const counts = held.map((i) => distances[i]!);
  const counted = { known, rankUnit: exceededBy(ranks, rate) || 1, countUnit: exceededBy(counts, rate) || 1 };
  const both = ranks.map((rank, i) => higher(rank, counts[i]!, counted));
  return { networks, threshold: exceededBy(both, rate), counted };
}

/** Scores sessions: the higher, the stranger. */
export async function scoresOf(
  { networks, counted }: LearnedScore,
  sessions: readonly (readonly Token[])[],
): Promise<number[]> {
  const each: number[][] = [];
  for (const network of networks) each.push(await logRanks(network, sessions));
  const ranks = sessions.map((_, i) => mean(each.map((scores) => scores[i]!)));
  if (!counted) return ranks;
  const distance = countDistance(counted.known);
  return ranks.map((rank, i) => higher(rank, distance(sessions[i]!), counted));
}

/** The higher of a rank and of a distance of counts, each in units of its own threshold: strange by either is strange. */
function higher(rank: number, distance: number, { rankUnit, countUnit }: NonNullable<LearnedScore['counted']>): number {
  return Math.max(rank / rankUnit, distance / countUnit);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/**
 * The number that a share of the numbers exceeds, at least one of them: the highest of all says more of the one session that
 * it is of than of what is usual.
 */
function exceededBy(numbers: readonly number[], share: number): number {
  const above = Math.max(1, Math.floor(share * numbers.length));
  return numbers.toSorted((a, b) => b - a)[Math.min(above, numbers.length - 1)]!;
}
