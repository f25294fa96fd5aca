import type { Token } from '../types.js';
import { type NgramView, TINY } from './ngramRank.js';
import type { Candidate } from './surprisalOf.js';

/**
 * Finds the `count` most likely tokens, the most likely first; of equal ones the lower comes first.
 *
 * They are among those that came after the last token and the most frequent others.
 */
export function ngramTop(view: NgramView): (count: number) => Candidate[] {
  const { order } = view;
  const size = order.counts.length;
  const tokens = new Int32Array(size);
  const isSeen = new Uint8Array(size); // all 0 between two calls
  const probabilities = new Float64Array(size);

  /** Writes the tokens that came after the last one and the `count` first others; returns how many they are. */
  function writeCandidates(count: number): number {
    const seen = view.writeSeen(tokens);
    for (let i = 0; i < seen; i++) isSeen[tokens[i]!] = 1;
    const end = order.writeFirst(tokens, seen, Math.min(count, size - seen), isSeen);
    for (let i = 0; i < seen; i++) isSeen[tokens[i]!] = 0;
    return end;
  }

  const comesBefore = (token: Token, other: Token): boolean =>
    probabilities[token]! > probabilities[other]! || (probabilities[token] === probabilities[other] && token < other);

  return (count) => {
    const candidates = tokens.subarray(0, writeCandidates(view.probabilityOf(0) < TINY ? size : count));
    view.writeProbabilities(candidates, probabilities);
    const found: Token[] = [];
    for (const token of candidates) {
      let place = found.length;
      if (place === count) {
        if (!comesBefore(token, found[count - 1]!)) continue;
        place--;
      }
      for (; place > 0 && comesBefore(token, found[place - 1]!); place--) found[place] = found[place - 1]!;
      found[place] = token;
    }
    return found.map((token) => ({ token, probability: probabilities[token]! }));
  };
}
