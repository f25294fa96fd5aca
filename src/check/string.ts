import { refuse } from './refuse.js';

/** Accepts strings. */
export function string(who: string, option: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') refuse(who, option, 'a string', value, 'string');
}
