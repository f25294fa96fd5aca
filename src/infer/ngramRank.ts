import type { Token } from '../types.js';
import { addCounts } from './addCounts.js';
import { ENTRY, FIELDS, KINDS, LIST, TOTAL } from './contextMemory.js';
import { LARGE } from './hubLevels.js';
import { hubRank } from './hubRank.js';
import type { NgramView } from './ngramView.js';
import { NEAR, ngramWeights } from './ngramWeights.js';

/** So many tokens are ranked by their probabilities, which take about as long as all scores. */
const FEW = 3;

/** Smaller probabilities may have too few digits to tell unequal counts apart. */
export const TINY = 1e-290;

/**
 * Ranks a token of probability `own` among all, from 1; of equal ones the lower token comes first.
 *
 * Only tokens that can be as likely are looked at: those that came after the longest context without which no token
 * would be. Where there is none, they are those that came after the last token; of the others the more frequent ones are
 * the more likely, so that their order says how many come before. Tokens are compared by sums of weighted counts, which
 * are the probabilities but for rounding.
 */
export function ngramRank(view: NgramView): (token: Token, own: number) => number {
  const { memory, ending, order } = view;
  const { counts: alone } = order;
  const weights = new Float64Array(ending.length); // what a count after each context adds to a probability
  const longer = new Float64Array(alone.length); // the weighted counts of each token after some contexts; 0 between two calls
  const beforeAfterHub = hubRank(view, longer);

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
    let low = -1;
    let high = order.most();
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (view.probabilityOf(middle) > own) high = middle - 1;
      else low = middle;
    }
    return low;
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
  function beforeSeen(token: Token, own: number, unseen: number, ofAll: number, count: number, end: Token): number {
    const { fields, entries, counts } = memory;
    const kinds = fields[ending[0]! * FIELDS + KINDS]!;
    const list = fields[ending[0]! * FIELDS + LIST]!;
    let before = 0;
    if (kinds === 1) {
      if (comesBefore(list, token, own)) before++;
      if (alone[list]! > count || (alone[list] === count && list < end)) before--;
      return before;
    }
    const low = own * (1 - NEAR);
    const high = own * (1 + NEAR);
    const weight = weights[0]!;
    addCounts(view, 1, weights, longer);
    for (let place = list, last = list + kinds * ENTRY; place < last; place += ENTRY) {
      const w = entries[place]!;
      const often = alone[w]!;
      const sum = unseen + ofAll * often + longer[w]! + weight * counts[(place >> 1) + 1]!;
      longer[w] = 0; // what came after longer contexts is in this list
      if (sum >= low && (sum > high || comesBefore(w, token, own))) before++;
      if (often > count || (often === count && w < end)) before--;
    }
    return before;
  }

  /** `beforeSeen`, where none comes before without a count after `ending[first]`; hubs need no look at each token. */
  function beforeAmong(
    first: number,
    token: Token,
    own: number,
    unseen: number,
    ofAll: number,
    count: number,
    end: Token,
  ): number {
    const isHub = memory.fields[ending[0]! * FIELDS + KINDS]! > LARGE;
    const before = isHub ? beforeAfterHub(first, token, own, count, end) : undefined;
    return before ?? beforeSeen(token, own, unseen, ofAll, count, end);
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
    const ofAll = ngramWeights(view, weights);
    const unseen = (ofAll * kinds) / alone.length;
    // Tokens that came after no context longer than this one are all less likely than `token`
    let deepest = -1;
    for (let k = 0, highest = unseen + ofAll * order.most(); k < known && highest < own * (1 - NEAR); k++) {
      deepest = k;
      highest += weights[k]! * mostAfter(ending[k]!);
    }
    if (deepest >= 0) {
      const at = ending[deepest]! * FIELDS;
      const candidates = fields[at + KINDS]!;
      if (candidates === 1) return 1; // `token` itself
      if (candidates <= FEW) return 1 + beforeFew(fields[at + LIST]!, candidates, token, own);
      return 1 + beforeAmong(deepest, token, own, unseen, ofAll, Infinity, 0);
    }
    const count = countUpTo(token, own);
    const end = view.probabilityOf(count) === own ? token : 0; // of the tokens that came so often, lower ones come before
    const others = order.before(count, end);
    return 1 + others + (known === 0 ? 0 : beforeAmong(0, token, own, unseen, ofAll, count, end));
  };
}
