import { log } from './log.js';

/**
 * Gives ln(1 + x) in double precision for x from 0 to 1, to about one unit in the last place; NaN for NaN.
 *
 * The same bits on every engine. The logarithm of the rounded sum, and to first order what rounding took from it:
 * ln(1 + x) = ln u + (x − (u − 1)) / u with u = 1 + x rounded. Higham, Accuracy and Stability of Numerical Algorithms
 * (2002), section 1.14.1, has the idea.
 */
export function log1p(x: number): number {
  const u = 1 + x;
  return log(u) + (x - (u - 1)) / u;
}
