import type { Numbers, Token } from '../types.js';

/**
 * Finds the `count` tokens with the largest logits (all tokens, where there are fewer), the largest first, and of equal
 * logits the lower token first. A RangeError that names the caller `who` where a logit is NaN or the largest is not
 * finite.
 */
export function topTokens(who: string, logits: Numbers, count: number): Token[] {
  const found: Token[] = [];
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token]!;
    if (Number.isNaN(logit)) throw new RangeError(`${who}: the logits are not finite`);
    let place = found.length;
    if (place === count && !(logit > logits[found[place - 1]!]!)) continue;
    if (place === count) place--;
    for (; place > 0 && logit > logits[found[place - 1]!]!; place--) found[place] = found[place - 1]!;
    found[place] = token;
  }
  if (!Number.isFinite(logits[found[0]!])) throw new RangeError(`${who}: the logits are not finite`);
  return found;
}
