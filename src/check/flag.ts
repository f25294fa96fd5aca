import { refuse } from './refuse.js';

/** Accepts `true` and `false`. */
export function flag(who: string, option: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') refuse(who, option, 'true or false', value, 'boolean');
}
