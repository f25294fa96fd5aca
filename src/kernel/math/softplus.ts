import { exp } from './exp.js';
import { log1p } from './log1p.js';

/**
 * Gives the softplus function ln(1 + e^x) in double precision, to about one unit in the last place; NaN for NaN.
 *
 * The same bits on every engine. Its negative at −x is the logarithm of the logistic function. Computed as
 * max(x, 0) + ln(1 + e^−|x|), whose exponential cannot overflow.
 */
export function softplus(x: number): number {
  return Math.max(x, 0) + log1p(exp(-Math.abs(x)));
}
