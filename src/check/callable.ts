import { refuse } from './refuse.js';

/** Accepts functions. */
export function callable(who: string, option: string, value: unknown): void {
  if (typeof value !== 'function') refuse(who, option, 'a function', value, 'function');
}
