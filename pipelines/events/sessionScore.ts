import { type MonoTypeOperatorFunction, NEVER, type Observable, ReplaySubject } from 'rxjs';
import type { Epoch, Model, Token } from '../../src/index.js';
import { countDistance, type Counts, countsOf } from './countDistance.js';
import { ensembleOf } from './ensemble.js';
import { highestBits, learnSessions, sessionNetworks } from './sessionModel.js';

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
  /** The networks, as one model. */
  readonly model: Model;
  /** Sessions above it are strange. */
  readonly threshold: number;
  /** Where counts are mixed in: those that are known, and what bits and a distance are divided by. */
  readonly mixed?: { readonly known: readonly Counts[]; readonly bitsUnit: number; readonly countUnit: number };
}

/** Parts of the sessions. */
const PARTS = 4;
/** The parts that each network does not learn: half of them, in every way, and after each way the opposite one. */
const LEFT_OUT = [
  [0, 1],
  [2, 3],
  [0, 2],
  [1, 3],
  [0, 3],
  [1, 2],
] as const;

/**
 * Learns a score from normal sessions, in random order, and its threshold without labels. Six networks each learn half of
 * the sessions, so that three have never seen a given session: their mean scores it, and the threshold is what a given
 * share of all these scores exceeds. New sessions are scored by the mean of all six.
 *
 * One network alone is a matter of luck: how unlikely it takes what it has never seen to be depends on its first weights,
 * as do its threshold and the kinds of sessions that it does not see. A mean of several depends on them less.
 */
export async function sessionScore(
  sessions: readonly (readonly Token[])[],
  options: SessionScoreOptions,
): Promise<LearnedScore> {
  const { keys, hidden, seed, rate, watch } = options;
  const stop$ = new ReplaySubject<unknown>(1); // ends the networks after it, too
  const stopping = (options.stop$ ?? NEVER).subscribe(stop$);
  const without = (left: readonly number[]): (readonly Token[])[] =>
    sessions.filter((_, i) => !left.includes(i % PARTS));
  const ways = LEFT_OUT.filter((left) => without(left).length > 0); // two sessions are in two parts
  const learned: { readonly left: readonly number[]; readonly model: Model }[] = [];
  for (const [n, left] of ways.entries()) {
    const network = { ...options, stop$, seed: `${seed} ${n}`, watch: watch(n + 1, ways.length) };
    const { model, passes } = await learnSessions(without(left), network);
    if (passes === 0) break;
    learned.push({ left, model });
  }
  stopping.unsubscribe();
  if (learned.length === 0) throw new Error('ended before the first pass over the sessions: nothing was learned');

  const meanOf = (models: readonly Model[]): Model =>
    ensembleOf(models, (networks) => sessionNetworks({ networks, keys, hidden }));
  let bits: number[] = [];
  let counts: number[] = [];
  for (let part = 0; part < PARTS; part++) {
    const held = sessions.filter((_, i) => i % PARTS === part);
    const unaware = learned.filter(({ left }) => left.includes(part)).map(({ model }) => model);
    if (held.length === 0 || unaware.length === 0) continue;
    using model = meanOf(unaware);
    bits = bits.concat(await highestBits(model, held));
    if (options.mixed) counts = counts.concat(held.map(countDistance(countsOf(without([part]), keys))));
  }
  let combined = bits;
  let mixed: LearnedScore['mixed'];
  if (options.mixed) {
    const [bitsUnit, countUnit] = [exceededBy(bits, rate), exceededBy(counts, rate) || 1];
    mixed = { known: countsOf(sessions, keys), bitsUnit, countUnit };
    combined = bits.map((bits, i) => mix(bits, counts[i]!, mixed!));
  }
  const model = meanOf(learned.map(({ model }) => model));
  for (const { model } of learned) model.dispose();
  return { model, threshold: exceededBy(combined, rate), ...(mixed && { mixed }) };
}

/** Scores sessions: the higher, the stranger. */
export async function scoresOf(
  { model, mixed }: LearnedScore,
  sessions: readonly (readonly Token[])[],
): Promise<number[]> {
  const bits = await highestBits(model, sessions);
  if (!mixed) return bits;
  const distance = countDistance(mixed.known);
  return bits.map((bits, i) => mix(bits, distance(sessions[i]!), mixed));
}

/** The mean of bits and of a distance of counts, each in units of its own threshold. */
function mix(bits: number, distance: number, { bitsUnit, countUnit }: NonNullable<LearnedScore['mixed']>): number {
  return (bits / bitsUnit + distance / countUnit) / 2;
}

/** The number that a share of the numbers exceeds. */
function exceededBy(numbers: readonly number[], share: number): number {
  return numbers.toSorted((a, b) => b - a)[Math.floor(share * numbers.length)]!;
}
