import type { Token } from '../types.js';
import { ENTRY, FIELDS, KINDS, LIST, TOTAL } from './contextMemory.js';
import { type HubLevels, hubLevels, LARGE } from './hubLevels.js';
import type { NgramView } from './ngramView.js';
import { ngramWeights } from './ngramWeights.js';

/** So many tokens are ranked by their probabilities, which take about as long as all scores. */
const FEW = 3;

/** Sums that are nearer than this share of a probability are compared by the probabilities themselves. */
export const NEAR = 1e-12;

/** Smaller probabilities may have too few digits to tell unequal counts apart. */
export const TINY = 1e-290;

/**
 * Ranks a token of probability `own` among all, from 1; of equal ones the lower token comes first.
 *
 * Only tokens that can be as likely are looked at: those that came after the longest context without which no token
 * would be. Where there is none, they are those that came after the last token; of the others the more frequent ones are
 * the more likely, so that their order says how many come before. Tokens are compared by sums of weighted counts, which
 * are the probabilities but for rounding.
 *
 * After a hub there are too many to look at. With d(k), whether a token would come before if only the first k contexts
 * counted for it, the rank is 1 + Σ d(0) over all tokens + Σ (d(k + 1) − d(k)) over those after `ending[k]`, for each k:
 * what comes before a token because of the counts after a context, and by less. Orders of hubs give these sums.
 */
export function ngramRank(view: NgramView): (token: Token, own: number) => number {
  const { memory, ending, order } = view;
  const { counts: alone } = order;
  const weights = new Float64Array(ending.length); // what a count after each context adds to a probability
  const longer = new Float64Array(alone.length); // the sums of weighted counts after some context and longer ones, or 0
  const findLevels = hubLevels(view);

  /** Whether a token comes before another of probability `own`. */
  function comesBefore(w: Token, token: Token, own: number): boolean {
    if (w === token) return false;
    const other = view.probability(w);
    return other > own || (other === own && w < token);
  }

  /** The count of the token that came most often after a context. */
  function mostAfter(context: number): number {
    const at = context * FIELDS;
    return memory.fields[at + KINDS] === 1
      ? memory.totals[context * (FIELDS / 2) + TOTAL]!
      : memory.counts[(memory.fields[at + LIST]! >> 1) + 1]!;
  }

  /** The largest count that makes a token which did not come after the last one no more likely than `own`, or −1. */
  function countUpTo(token: Token, own: number): number {
    const count = alone[token]!;
    if (view.probabilityOf(count) === own) return count;
    let [low, high] = [-1, order.most()];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (view.probabilityOf(middle) > own) high = middle - 1;
      else low = middle;
    }
    return low;
  }

  /** Adds the weighted counts after `ending[k]` to `longer`, and returns the largest score with such a sum. */
  function addLonger(k: number, unseen: number, weight: number): number {
    const context = ending[k]!;
    const kinds = memory.fields[context * FIELDS + KINDS]!;
    const list = memory.fields[context * FIELDS + LIST]!;
    const each = weights[k]!;
    if (kinds === 1) {
      longer[list]! += each * memory.totals[context * (FIELDS / 2) + TOTAL]!;
      return unseen + weight * alone[list]! + longer[list]!;
    }
    const { entries, counts } = memory;
    let largest = 0;
    for (let place = list, end = list + kinds * ENTRY; place < end; place += ENTRY) {
      const w = entries[place]!;
      const sum = longer[w]! + each * counts[(place >> 1) + 1]!;
      longer[w] = sum;
      largest = Math.max(largest, unseen + weight * alone[w]! + sum);
    }
    return largest;
  }

  /** Sets what was written to `longer` of the counts after `ending[k]` and longer ones to 0. */
  function clearLonger(k: number): void {
    const context = ending[k]!;
    const kinds = memory.fields[context * FIELDS + KINDS]!;
    const list = memory.fields[context * FIELDS + LIST]!;
    if (kinds === 1) longer[list] = 0;
    else for (let i = 0; i < kinds; i++) longer[memory.entries[list + i * ENTRY]!] = 0;
  }

  /** How many of a context's tokens, a few, come before. */
  function beforeFew(list: number, kinds: number, token: Token, own: number): number {
    let before = 0;
    for (let i = 0; i < kinds; i++) if (comesBefore(memory.entries[list + i * ENTRY]!, token, own)) before++;
    return before;
  }

  /**
   * How many of the tokens that came after the last one come before, less those that are counted among the others, too,
   * as they came more than `count` times, or so often and are lower than `end`.
   */
  function beforeSeen(token: Token, own: number, unseen: number, weight: number, count: number, end: Token): number {
    const { known } = view;
    const { fields, entries, counts } = memory;
    const kinds = fields[ending[0]! * FIELDS + KINDS]!;
    const list = fields[ending[0]! * FIELDS + LIST]!;
    let before = 0;
    if (kinds === 1) {
      if (comesBefore(list, token, own)) before++;
      if (alone[list]! > count || (alone[list] === count && list < end)) before--;
      return before;
    }
    const [low, high] = [own * (1 - NEAR), own * (1 + NEAR)];
    const weight0 = weights[0]!;
    let largest = unseen + weight * order.most(); // of scores without the counts after the last token
    for (let k = 1; k < known; k++) largest = Math.max(largest, addLonger(k, unseen, weight));
    const least = count < Infinity ? 0 : (low - largest) / weight0; // tokens of smaller counts are less likely
    for (let place = list, last = list + kinds * ENTRY; place < last; place += ENTRY) {
      const after = counts[(place >> 1) + 1]!;
      if (after < least) break;
      const w = entries[place]!;
      const often = alone[w]!;
      const score = unseen + weight * often + longer[w]! + weight0 * after;
      if (score >= low && (score > high || comesBefore(w, token, own))) before++;
      if (often > count || (often === count && w < end)) before--;
    }
    if (known > 1) clearLonger(1);
    return before;
  }

  /** Whether a token comes before another of probability `own`, if only the first `depth` contexts count for it. */
  function isBefore(w: Token, depth: number, token: Token, own: number): boolean {
    const other = view.probabilityUpTo(depth, w);
    return other > own || (other === own && w < token);
  }

  /**
   * How many of the tokens that came after `ending[first]` come before; with `less`, less those that would if only the
   * contexts before it counted.
   */
  function beforeAfter(
    first: number,
    less: boolean,
    token: Token,
    own: number,
    unseen: number,
    weight: number,
  ): number {
    const { known } = view;
    for (let k = first; k < known; k++) addLonger(k, unseen, weight);
    const { fields, entries } = memory;
    const kinds = fields[ending[first]! * FIELDS + KINDS]!;
    const list = fields[ending[first]! * FIELDS + LIST]!;
    const [low, high] = [own * (1 - NEAR), own * (1 + NEAR)];
    let before = 0;
    for (let i = 0; i < kinds; i++) {
      const w = kinds === 1 ? list : entries[list + i * ENTRY]!;
      let score = unseen + weight * alone[w]!;
      for (let k = 0; k < first; k++) score += weights[k]! * view.countAfter(k, w);
      if (less && score >= low && (score > high || isBefore(w, first, token, own))) before--;
      score += longer[w]!;
      if (score >= low && (score > high || isBefore(w, known, token, own))) before++;
    }
    clearLonger(first);
    return before;
  }

  /** `beforeAfter` of the contexts from `ending[first]` on, of which the first have orders. */
  function beforeAfterHubs(
    levels: HubLevels,
    first: number,
    token: Token,
    own: number,
    unseen: number,
    weight: number,
    count: number,
    end: Token,
  ): number {
    const { orders, depths } = levels;
    const [low, high] = [own * (1 - NEAR) - unseen, own * (1 + NEAR) - unseen];
    let before = 0;
    for (const [i, order] of orders.entries()) {
      const depth = depths[i]!;
      if (depth <= first) continue;
      const sums = levels.weightsOf(i, weights, weight);
      before += order.above(sums, low, high, (w) => isBefore(w, depth, token, own));
      const shorter = i === 0 ? 0 : depths[i - 1]!;
      if (i === 0) before -= count === Infinity ? 0 : order.aboveLast(count, end);
      else if (shorter > first) {
        sums[0] = 0;
        before -= order.above(sums, low, high, (w) => isBefore(w, shorter, token, own));
      }
    }
    const covered = depths.at(-1)!;
    return before + (covered < view.known ? beforeAfter(covered, true, token, own, unseen, weight) : 0);
  }

  const kindsAfter = (k: number): number => memory.fields[ending[k]! * FIELDS + KINDS]!;

  /** `beforeSeen`, by orders where there are any; no token comes before without a count after `ending[first]`. */
  function beforeAmong(
    first: number,
    token: Token,
    own: number,
    unseen: number,
    weight: number,
    count: number,
    end: Token,
  ): number {
    const kinds = kindsAfter(0);
    if (kinds > LARGE && kindsAfter(first) < kinds / FEW) return beforeAfter(first, false, token, own, unseen, weight);
    // Orders need sums that differ by more than rounding where a count in all does
    const levels = kinds > LARGE && weight > 4 * NEAR * own ? findLevels() : undefined;
    if (levels === undefined || levels.orders.length === 0) return beforeSeen(token, own, unseen, weight, count, end);
    return first >= levels.depths.at(-1)!
      ? beforeAfter(first, false, token, own, unseen, weight)
      : beforeAfterHubs(levels, first, token, own, unseen, weight, count, end);
  }

  function rankAmongAll(token: Token, own: number): number {
    let rank = 1;
    for (let w = 0; w < alone.length; w++) if (comesBefore(w, token, own)) rank++;
    return rank;
  }

  return (token, own) => {
    const { known, kinds, total } = view;
    if (total === 0) return token + 1;
    if (own > 0.5 + 1e-9) return 1; // all others together have less
    if (own < TINY) return rankAmongAll(token, own);
    const { fields } = memory;
    const weight = ngramWeights(view, weights);
    const unseen = (weight * kinds) / alone.length;
    // Tokens that came after no context longer than this one are all less likely than `token`
    let deepest = -1;
    for (let k = 0, highest = unseen + weight * order.most(); k < known && highest < own * (1 - NEAR); k++) {
      deepest = k;
      highest += weights[k]! * mostAfter(ending[k]!);
    }
    if (deepest >= 0) {
      const at = ending[deepest]! * FIELDS;
      const candidates = fields[at + KINDS]!;
      if (candidates === 1) return 1; // `token` itself
      if (candidates <= FEW) return 1 + beforeFew(fields[at + LIST]!, candidates, token, own);
      return 1 + beforeAmong(deepest, token, own, unseen, weight, Infinity, 0);
    }
    const count = countUpTo(token, own);
    const end = view.probabilityOf(count) === own ? token : 0; // of the tokens that came so often, lower ones come before
    const others = order.before(count, end);
    return 1 + others + (known === 0 ? 0 : beforeAmong(0, token, own, unseen, weight, count, end));
  };
}
