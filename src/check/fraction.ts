import { refuse } from './refuse.js';

/** Accepts numbers from 0 to 1, both included. */
export function fraction(who: string, option: string, value: unknown): asserts value is number {
  if (!(typeof value === 'number' && value >= 0 && value <= 1)) refuse(who, option, 'in [0, 1]', value, 'number');
}
