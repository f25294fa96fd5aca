import type { Token } from '../types.js';
import { addCounts } from './addCounts.js';
import { ENTRY, FIELDS, KINDS, LIST } from './contextMemory.js';
import { type HubLevels, hubLevels } from './hubLevels.js';
import type { NgramView } from './ngramView.js';
import { NEAR, ngramWeights } from './ngramWeights.js';

/** A list of this share of the tokens that came after a hub is looked at one by one. */
const FEW = 1 / 3;

/**
 * Counts the tokens that come before another of probability `own`, where the last token is a hub, less those that came
 * more than `count` times in all, or so often and are lower than `end`; undefined where looking at all is better. None
 * comes before without a count after `ending[first]`. `sums` are 0, for each token.
 *
 * With d(k), whether a token would come before if only the first k contexts counted for it, these are Σ d(0) over all
 * tokens + Σ (d(k + 1) − d(k)) over those after `ending[k]`, for each k: what comes before because of the counts after a
 * context, and by less. Orders of hubs give these sums.
 */
export function hubRank(
  view: NgramView,
  sums: Float64Array,
): (first: number, token: Token, own: number, count: number, end: Token) => number | undefined {
  const { memory, ending } = view;
  const { counts: alone } = view.order;
  const weights = new Float64Array(ending.length);
  const findLevels = hubLevels(view);

  const kindsAfter = (k: number): number => memory.fields[ending[k]! * FIELDS + KINDS]!;

  /** Whether a token comes before another of probability `own`, if only the first `depth` contexts count for it. */
  function isBefore(w: Token, depth: number, token: Token, own: number): boolean {
    const other = view.probabilityUpTo(depth, w);
    return other > own || (other === own && w < token);
  }

  /** How many more tokens come before than if only the contexts before `ending[first]` counted. */
  function beforeByLonger(first: number, token: Token, own: number, unseen: number, ofAll: number): number {
    const { entries } = memory;
    const kinds = kindsAfter(first);
    const list = memory.fields[ending[first]! * FIELDS + LIST]!;
    const low = own * (1 - NEAR);
    const high = own * (1 + NEAR);
    addCounts(view, first, weights, sums);
    let before = 0;
    for (let i = 0; i < kinds; i++) {
      const w = kinds === 1 ? list : entries[list + i * ENTRY]!;
      let sum = unseen + ofAll * alone[w]!;
      for (let k = 0; k < first; k++) sum += weights[k]! * view.countAfter(k, w);
      if (sum >= low && (sum > high || isBefore(w, first, token, own))) before--;
      sum += sums[w]!;
      sums[w] = 0; // what came after longer contexts is in this list
      if (sum >= low && (sum > high || isBefore(w, view.known, token, own))) before++;
    }
    return before;
  }

  /** How many more come before than if only the contexts before `ending[first]` counted, one of those with orders. */
  function beforeByOrders(
    { orders, depths, weightsOf }: HubLevels,
    first: number,
    token: Token,
    own: number,
    unseen: number,
    ofAll: number,
  ): number {
    const low = own * (1 - NEAR) - unseen;
    const high = own * (1 + NEAR) - unseen;
    let before = 0;
    for (const [i, order] of orders.entries()) {
      const depth = depths[i]!;
      if (depth <= first) continue;
      const ofCounts = weightsOf(i, weights, ofAll);
      before += order.above(ofCounts, low, high, (w) => isBefore(w, depth, token, own));
      const shorter = i === 0 ? 0 : depths[i - 1]!;
      if (shorter <= first) continue;
      ofCounts[0] = 0;
      before -= order.above(ofCounts, low, high, (w) => isBefore(w, shorter, token, own));
    }
    return before;
  }

  return (first, token, own, count, end) => {
    const ofAll = ngramWeights(view, weights);
    const unseen = (ofAll * view.kinds) / alone.length;
    if (kindsAfter(first) < FEW * kindsAfter(0)) return beforeByLonger(first, token, own, unseen, ofAll);
    if (ofAll <= 4 * NEAR * own) return undefined; // a count in all changes sums by hardly more than rounding
    const levels = findLevels();
    const covered = levels.depths.at(-1) ?? 0;
    if (covered === 0) return undefined;
    if (first >= covered) return beforeByLonger(first, token, own, unseen, ofAll);
    const before = beforeByOrders(levels, first, token, own, unseen, ofAll);
    const counted = count === Infinity ? 0 : levels.orders[0]!.aboveLast(count, end);
    return before - counted + (covered < view.known ? beforeByLonger(covered, token, own, unseen, ofAll) : 0);
  };
}
