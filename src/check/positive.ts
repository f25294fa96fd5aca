import { refuse } from './refuse.js';

/** Accepts finite numbers above 0. */
export function positive(who: string, option: string, value: unknown): asserts value is number {
  if (!(Number.isFinite(value) && (value as number) > 0)) refuse(who, option, 'a positive number', value, 'number');
}
