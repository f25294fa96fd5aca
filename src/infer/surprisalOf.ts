import { exp } from '../kernel/math/exp.js';
import type { Numbers, Token } from '../types.js';
import { topTokens } from './topTokens.js';

/** How surprising a token was after those before it; plain JSON. */
export interface Surprisal {
  readonly token: Token;
  /** −log2 of its probability. */
  readonly bits: number;
  /** Its place among all tokens by probability, from 1; of equal ones the lower token comes first. */
  readonly rank: number;
  /** The `topK` most likely tokens, the most likely first. */
  readonly top: readonly Candidate[];
}

/** A token that might have come. */
export interface Candidate {
  readonly token: Token;
  /** Its probability after the tokens before, in [0, 1]. */
  readonly probability: number;
}

const NONE: readonly Candidate[] = Object.freeze([]);

/**
 * Makes a surprisal of its nats, a row of logits and the same row's probabilities; the row starts at `at`. The
 * probability of the token itself is not read, so that the row may be p − onehot, as the kernel's cross-entropy leaves
 * it.
 */
export function surprisalOf(
  token: Token,
  nats: number,
  logits: Numbers,
  probabilities: Numbers,
  at: number,
  width: number,
  topK: number,
): Surprisal {
  const own = logits[at + token]!;
  let rank = 1;
  // without branches, which processors guess wrongly where the token is neither likely nor unlikely
  for (let i = 0; i < token; i++) rank += Number(logits[at + i]! >= own);
  for (let i = token + 1; i < width; i++) rank += Number(logits[at + i]! > own);
  const bits = nats / Math.LN2;
  if (topK === 0) return { token, bits, rank, top: NONE };
  const top = topTokens('surprisal', logits.subarray(at, at + width), topK).map((other) => ({
    token: other,
    probability: other === token ? exp(-nats) : probabilities[at + other]!,
  }));
  return { token, bits, rank, top };
}
