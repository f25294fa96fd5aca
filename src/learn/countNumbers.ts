import type { Window } from '../types.js';
import { countUnmasked } from './countUnmasked.js';

/** Checks that the targets of a window are `width` numbers per step and lane, and returns how many of them count. */
export function countNumbers(name: string, window: Window, rows: number, width: number): number {
  const { targets } = window;
  if (targets instanceof Int32Array) throw new TypeError(`${name}: targets must be numbers, got tokens`);
  const needed = rows * width;
  if (targets.length !== needed) throw new RangeError(`${name}: needs ${needed} targets, got ${targets.length}`);
  return countUnmasked(window) * width;
}
