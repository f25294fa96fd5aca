import { log } from '../kernel/math/log.js';

/** What is known of how often something comes; plain JSON. */
export interface BurstState {
  /** Numbers in the intervals that ended, and how many of them. */
  readonly sum: number;
  readonly count: number;
  /** Times of those in the present interval, and how many came before each within it. */
  readonly times: readonly number[];
  readonly before: readonly number[];
}

/** Says how improbable it is that something comes so often. */
export interface BurstModel {
  /** How many came within the interval before `time`, and −log2 of the probability of so many; then counts this one. */
  add(time: number): { readonly before: number; readonly bits: number };
  state(): BurstState;
}

/** The counts over all kinds, a prior for each. */
export interface BurstPrior {
  sum: number;
  count: number;
}

const MOST_KEPT = 128; // of an interval
const MEMORY = 16; // intervals that count, so that the tail stays wide
const PRIOR_MEMORY = 1000;

/**
 * Makes a model of the number of like events in an interval: Poisson with a Gamma prior, whose mean is that of all kinds.
 * What it learns is the numbers of intervals that have ended, so that a burst does not excuse itself. Events whose clock
 * has jumped by more than the interval begin another one.
 */
export function burstModel(interval: number, prior: BurstPrior, from?: BurstState): BurstModel {
  let sum = from?.sum ?? 0;
  let count = from?.count ?? 0;
  const times: number[] = [...(from?.times ?? [])];
  const before: number[] = [...(from?.before ?? [])];

  return {
    add(time) {
      let ended = 0;
      while (ended < times.length && Math.abs(time - times[ended]!) >= interval) ended++;
      for (let i = 0; i < ended; i++) {
        sum += before[i]!;
        count += 1;
        if (count > MEMORY) [sum, count] = [(sum * MEMORY) / count, MEMORY];
        prior.sum += before[i]!;
        prior.count += 1;
        if (prior.count > PRIOR_MEMORY) {
          [prior.sum, prior.count] = [(prior.sum * PRIOR_MEMORY) / prior.count, PRIOR_MEMORY];
        }
      }
      times.splice(0, ended);
      before.splice(0, ended);
      const seen = times.length;
      const mean = (prior.sum + 1) / (prior.count + 2);
      const bits = tailBits(seen, mean + sum, 1 + count);
      if (seen < MOST_KEPT) {
        times.push(time);
        before.push(seen);
      }
      return { before: seen, bits };
    },
    state: () => ({ sum, count, times: [...times], before: [...before] }),
  };
}

/** −log2 P(X ≥ n) of the negative binomial distribution, which is Poisson mixed by a Gamma distribution. */
function tailBits(n: number, shape: number, rate: number): number {
  if (n <= 0) return 0;
  const q = 1 / (rate + 1);
  // ln of the first term, q^n times the binomial coefficient, then the terms after it by their ratio.
  let first = -shape * log(1 + 1 / rate);
  for (let i = 0; i < n; i++) first += log(((shape + i) / (i + 1)) * q);
  let term = 1;
  let tail = 1;
  for (let i = n; i < n + 200 && term > 1e-9 * tail; i++) {
    term *= ((shape + i) / (i + 1)) * q;
    tail += term;
  }
  return Math.max(0, -(first + log(tail)) / Math.LN2);
}
