import type { Numbers } from '../types.js';

/** Views of `length` numbers each, one after another. */
export function rowsOf(numbers: Numbers, length: number): readonly Numbers[] {
  return Array.from({ length: numbers.length / length }, (_, t) => numbers.subarray(t * length, (t + 1) * length));
}
