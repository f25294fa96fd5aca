import type { Token } from '../types.js';
import { type ContextMemory, ENTRY, FIELDS, KINDS, LIST, TOTAL } from './contextMemory.js';

/** The counts at the end of a stream, as ranks are computed from them. */
export interface NgramView {
  readonly vocabSize: number;
  readonly memory: ContextMemory;
  /** The contexts that end the stream, from one token up. */
  readonly ending: Int32Array;
  /** How many of them have been seen before. */
  known: number;
  /** After the empty context: how often each token came, how many different ones, how many in all, and the most. */
  readonly counts: Float64Array;
  kinds: number;
  total: number;
  most: number;
  /** The probability of a token to come next. */
  probability(token: Token): number;
}

/** So many tokens are ranked by their probabilities, which take about as long as all scores. */
const FEW = 3;

/** Sums that are nearer than this share of a probability are compared by the probabilities themselves. */
const NEAR = 1e-12;

/**
 * Ranks a token of probability `own` among all, from 1; of equal ones the lower token comes first.
 *
 * Only tokens that can be as likely are looked at: those that came after the longest context without which no token
 * would be. They are compared by sums of weighted counts, which are the probabilities but for rounding.
 */
export function ngramRank(view: NgramView): (token: Token, own: number) => number {
  const { vocabSize, memory, ending, counts: alone } = view;
  const scores = new Float64Array(vocabSize);
  const weights = new Float64Array(ending.length); // what a count after each context adds to a probability

  /** Whether a token comes before another of probability `own`. */
  function isMore(w: Token, token: Token, own: number): boolean {
    if (w === token) return false;
    const other = view.probability(w);
    return other > own || (other === own && w < token);
  }

  /** Adds the weighted counts after contexts of `from` tokens and more, but one, to `scores`. */
  function addLonger(from: number): void {
    const { fields, totals, entries, counts } = memory;
    for (let k = from; k < view.known; k++) {
      const context = ending[k]!;
      const kinds = fields[context * FIELDS + KINDS]!;
      const list = fields[context * FIELDS + LIST]!;
      const weight = weights[k]!;
      if (kinds === 1) scores[list]! += weight * totals[context * (FIELDS / 2) + TOTAL]!;
      else {
        for (let place = list, end = list + kinds * ENTRY; place < end; place += ENTRY) {
          scores[entries[place]!]! += weight * counts[(place >> 1) + 1]!;
        }
      }
    }
  }

  /** The count of the token that came most often after a context. */
  function mostAfter(context: number): number {
    const at = context * FIELDS;
    return memory.fields[at + KINDS] === 1
      ? memory.totals[context * (FIELDS / 2) + TOTAL]!
      : memory.counts[(memory.fields[at + LIST]! >> 1) + 1]!;
  }

  function rankAmongAll(token: Token, own: number, unseen: number, weight: number): number {
    const [low, high] = [own * (1 - NEAR), own * (1 + NEAR)];
    for (let w = 0; w < vocabSize; w++) scores[w] = unseen + weight * alone[w]!;
    addLonger(0);
    const after = alone[token]!;
    const isAlone = scores[token] === unseen + weight * after; // it came after the empty context only
    const same = scores[token]!;
    let rank = 1;
    for (let w = 0; w < vocabSize; w++) {
      const score = scores[w]!;
      if (score < low) continue;
      if (score > high) rank++;
      else if (isAlone && score === same && alone[w] === after) rank += w < token ? 1 : 0;
      else if (isMore(w, token, own)) rank++;
    }
    return rank;
  }

  /** Ranks among the tokens from place `list` on, which came after a context of several; others are all less likely. */
  function rankAmong(list: number, kinds: number, token: Token, own: number, unseen: number, weight: number): number {
    const { fields, entries, counts } = memory;
    const [low, high] = [own * (1 - NEAR), own * (1 + NEAR)];
    const end = list + kinds * ENTRY;
    let rank = 1;
    if (kinds <= FEW) {
      for (let place = list; place < end; place += ENTRY) if (isMore(entries[place]!, token, own)) rank++;
      return rank;
    }
    const first = fields[ending[0]! * FIELDS + LIST]!; // all others are in this list, too
    const last = first + fields[ending[0]! * FIELDS + KINDS]! * ENTRY;
    const weight0 = weights[0]!;
    for (let place = first; place < last; place += ENTRY) {
      const w = entries[place]!;
      scores[w] = unseen + weight * alone[w]! + weight0 * counts[(place >> 1) + 1]!;
    }
    addLonger(1);
    for (let place = list; place < end; place += ENTRY) {
      const w = entries[place]!;
      const score = scores[w]!;
      if (score >= low && (score > high || isMore(w, token, own))) rank++;
    }
    return rank;
  }

  return (token, own) => {
    const { known, kinds, total, most } = view;
    if (total === 0) return token + 1;
    if (own > 0.5 + 1e-9) return 1; // all others together have less
    const { fields, totals } = memory;
    let scale = 1;
    for (let k = known - 1; k >= 0; k--) {
      const kinds = fields[ending[k]! * FIELDS + KINDS]!;
      const all = totals[ending[k]! * (FIELDS / 2) + TOTAL]! + kinds;
      weights[k] = scale / all;
      scale *= kinds / all;
    }
    const weight = scale / (total + kinds);
    const unseen = (weight * kinds) / vocabSize;
    // Tokens that came after no context longer than this one are all less likely than `token`
    let deepest = -1;
    for (let k = 0, highest = unseen + weight * most; k < known && highest < own * (1 - NEAR); k++) {
      deepest = k;
      highest += weights[k]! * mostAfter(ending[k]!);
    }
    if (deepest < 0) return rankAmongAll(token, own, unseen, weight);
    const at = ending[deepest]! * FIELDS;
    const candidates = fields[at + KINDS]!;
    if (candidates === 1) return 1; // `token` itself
    return rankAmong(fields[at + LIST]!, candidates, token, own, unseen, weight);
  };
}
