import { show } from '../check/show.js';
import type { Random } from '../random/random.js';

/** Throws a TypeError for what is not a generator of random numbers. */
export function checkGenerator(who: string, option: string, value: unknown): void {
  if (typeof (value as Partial<Random> | null | undefined)?.integer === 'function') return;
  throw new TypeError(`${who}: ${option} must be a generator such as seeded(1), got ${show(value)}`);
}
