import { refuse } from '../check/refuse.js';
import type { Credit } from './credit.js';

/** Accepts what `credit()` makes. */
export function checkCredit(who: string, option: string, value: unknown): asserts value is Credit {
  const { hold, release } = (value ?? {}) as Partial<Credit>;
  if (typeof hold === 'function' && typeof release === 'function') return;
  refuse(who, option, 'what credit() made', value, 'none');
}
