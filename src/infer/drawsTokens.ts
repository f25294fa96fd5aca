import type { Check } from '../check/check.js';
import { refuse } from '../check/refuse.js';
import type { Random } from '../random/random.js';

/** Accepts generators that tokens can be drawn from. */
export const drawsTokens: Check = (who, option, value) => {
  if (typeof (value as Partial<Random> | null | undefined)?.choice === 'function') return;
  refuse(who, option, 'a generator such as seeded(0)', value, 'none');
};
