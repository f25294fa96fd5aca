import type { Numbers, Token } from '../types.js';

/**
 * Finds the `count` tokens with the largest logits (all tokens, where there are fewer), the largest first, and of equal
 * logits the lower token first. A RangeError that names the caller `who` where a logit is NaN or the largest is not
 * finite.
 */
export function topTokens(who: string, logits: Numbers, count: number): Token[] {
  const found: Token[] = [];
  let lowest = -Infinity; // the smallest logit found, once there are `count`
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token]!;
    if (Number.isNaN(logit)) throw new RangeError(`${who}: the logits are not finite`);
    let place = found.length;
    if (place === count) {
      if (!(logit > lowest)) continue;
      place--;
    }
    for (; place > 0 && logit > logits[found[place - 1]!]!; place--) found[place] = found[place - 1]!;
    found[place] = token;
    if (found.length === count) lowest = logits[found[count - 1]!]!;
  }
  if (!Number.isFinite(logits[found[0]!])) throw new RangeError(`${who}: the logits are not finite`);
  return found;
}
