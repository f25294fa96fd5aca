import type { Numbers, Token } from '../types.js';

/**
 * The `count` tokens of the largest logits, the largest first, a lower token before a higher one of the same logit;
 * all of them where they are no more. A RangeError that names the decoder where a logit is NaN or the largest is not
 * finite.
 */
export function likeliest(name: string, logits: Numbers, count: number): Token[] {
  const found: Token[] = [];
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token]!;
    if (Number.isNaN(logit)) throw new RangeError(`${name}: the logits are not finite`);
    let place = found.length;
    if (place === count && !(logit > logits[found[place - 1]!]!)) continue;
    if (place === count) place--;
    for (; place > 0 && logit > logits[found[place - 1]!]!; place--) found[place] = found[place - 1]!;
    found[place] = token;
  }
  if (!Number.isFinite(logits[found[0]!])) throw new RangeError(`${name}: the logits are not finite`);
  return found;
}
