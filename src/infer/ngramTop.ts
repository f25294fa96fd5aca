import type { Token } from '../types.js';
import { type HubLevels, hubLevels } from './hubLevels.js';
import { TINY } from './ngramRank.js';
import type { NgramView } from './ngramView.js';
import { NEAR, ngramWeights } from './ngramWeights.js';
import type { Candidate } from './surprisalOf.js';

/**
 * Finds the `count` most likely tokens, the most likely first; of equal ones the lower comes first.
 *
 * They are among those that came after the last token and the most frequent others. After a hub, they are among the first
 * of each run of its order: those after them in a run are less likely by what counts up to there, and so in all unless
 * they came after a longer context.
 */
export function ngramTop(view: NgramView): (count: number) => Candidate[] {
  const { order } = view;
  const size = order.counts.length;
  const tokens = new Int32Array(size);
  const isSeen = new Uint8Array(size); // all 0 between two calls
  const probabilities = new Float64Array(size);
  const weights = new Float64Array(view.ending.length);
  const findLevels = hubLevels(view);
  let found: Token[] = [];

  /** Writes the tokens that came after the last one and the `count` first others; returns how many they are. */
  function writeCandidates(count: number): number {
    const seen = view.writeSeen(0, tokens);
    for (let i = 0; i < seen; i++) isSeen[tokens[i]!] = 1;
    const end = order.writeFirst(tokens, seen, Math.min(count, size - seen), isSeen);
    for (let i = 0; i < seen; i++) isSeen[tokens[i]!] = 0;
    return end;
  }

  const comesBefore = (token: Token, other: Token): boolean =>
    probabilities[token]! > probabilities[other]! || (probabilities[token] === probabilities[other] && token < other);

  /** Puts a token among the `count` most likely ones so far, if it is. */
  function offer(token: Token, count: number): void {
    let place = found.length;
    if (place === count) {
      if (!comesBefore(token, found[count - 1]!)) return;
      place--;
    }
    for (; place > 0 && comesBefore(token, found[place - 1]!); place--) found[place] = found[place - 1]!;
    found[place] = token;
  }

  function offerAll(count: number): void {
    const candidates = tokens.subarray(0, writeCandidates(view.probabilityOf(0) < TINY ? size : count));
    view.writeProbabilities(candidates, probabilities);
    for (const token of candidates) offer(token, count);
  }

  /** Offers candidates by the orders of hubs, longer contexts first; most are passed over by their sums of counts. */
  function offerByHubs({ orders, depths, weightsOf }: HubLevels, count: number, weight: number): void {
    const unseen = (weight * view.kinds) / size;
    const tried: Token[] = [];
    let least = -Infinity; // sums below it are not enough
    function attempt(token: Token, sum: number): number {
      if (sum < least || isSeen[token] === 1) return least;
      isSeen[token] = 1;
      tried.push(token);
      probabilities[token] = view.probability(token);
      offer(token, count);
      if (found.length === count) least = probabilities[found[count - 1]!]! * (1 - NEAR) - unseen;
      return least;
    }
    const longer = view.writeSeen(depths.at(-1)!, tokens);
    for (let i = 0; i < longer; i++) attempt(tokens[i]!, Infinity);
    for (let i = orders.length - 1; i >= 0; i--) orders[i]!.forFirst(count, weightsOf(i, weights, weight), attempt);
    for (const token of tried) isSeen[token] = 0;
    const most = order.writeFirst(tokens, 0, Math.min(count, size), isSeen);
    for (const token of tried) isSeen[token] = 1;
    for (let i = 0; i < most; i++) attempt(tokens[i]!, Infinity);
    for (const token of tried) isSeen[token] = 0;
  }

  return (count) => {
    found = [];
    const weight = ngramWeights(view, weights);
    // Orders need sums that differ by more than rounding where a count in all does; probabilities are at most 1
    const levels = weight > 4 * NEAR ? findLevels() : undefined;
    if (levels === undefined || levels.orders.length === 0) offerAll(count);
    else offerByHubs(levels, count, weight);
    return found.map((token) => ({ token, probability: probabilities[token]! }));
  };
}
