import { refuse } from './refuse.js';

/** Accepts 1, 2, 3, … up to 2^53 − 1. */
export function positiveInteger(who: string, option: string, value: unknown): asserts value is number {
  if (!(Number.isSafeInteger(value) && (value as number) >= 1)) {
    refuse(who, option, 'a positive integer', value, 'number');
  }
}
