import { finite } from '../check/finite.js';
import { show } from '../check/show.js';

/** Accepts the two shares that an optimizer keeps of its averages: numbers in [0, 1). */
export function betas(who: string, option: string, value: unknown): void {
  if (!Array.isArray(value) || value.length !== 2) {
    throw new TypeError(`${who}: ${option} must be two numbers in [0, 1), got ${show(value)}`);
  }
  for (const [i, share] of value.entries()) finite(0, 1)(who, `${option}[${i}]`, share);
}
