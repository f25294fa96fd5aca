import type { Dtype } from '../../types.js';

/** Rounds a number to what a dtype holds. */
export function roundingOf(dtype: Dtype): (number: number) => number {
  return dtype === 'float32' ? Math.fround : (number) => number;
}
