import { productError } from './productError.js';

/**
 * Gives the quotient of two unevaluated sums, `(a + aRest) / (b + bRest)`, rounded once.
 *
 * b and the quotient lie between 2^-100 and 2^100 in size, the rests are below a unit in the last place of their sums.
 * The error is under 0.5001 units in the last place: a first quotient, then one step with its exact remainder.
 */
export function quotient(a: number, aRest: number, b: number, bRest: number): number {
  const inverse = 1 / b;
  const first = a * inverse;
  const product = first * b;
  const remainder = a - product - productError(first, b, product) + (aRest - first * bRest);
  return first + remainder * inverse;
}
