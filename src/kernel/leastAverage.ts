import type { Numbers } from '../types.js';

/** The sizes from which an average counts. */
export interface LeastAverage {
  /** Of averages of gradients and of updates: their products with learning rates of 1e-7 and more are normal numbers. */
  readonly least: number;
  /** Of averages of squares. */
  readonly leastSquare: number;
}

/**
 * How near to zero an average that an optimizer keeps may come before it is stored as zero.
 *
 * Where gradients stay zero, an average decays, ends in subnormal numbers, is rounded there to the same number again and
 * again, and costs up to thirty times as much per update from then on. Averages this small do not move a weight. A state
 * that decays without input is looked at the same way.
 */
export function leastAverage(numbers: Numbers): LeastAverage {
  return numbers instanceof Float32Array ? SINGLE : DOUBLE;
}

const SINGLE: LeastAverage = { least: 1e-30, leastSquare: 1e-37 };
const DOUBLE: LeastAverage = { least: 1e-300, leastSquare: 1e-307 };
