import { expPair, expRest } from './expPair.js';
import { powerOfTwo } from './powerOfTwo.js';
import { productError } from './productError.js';

const SMALLEST: number = powerOfTwo(-1074);
const TO_52: number = powerOfTwo(52);

/**
 * Gives e^x in double precision, correctly rounded except for two arguments in a thousand; the error is under 0.52 units in
 * the last place, subnormal answers included.
 *
 * 0 below -745.14, Infinity above 709.79, NaN for NaN. The same bits on every engine. The mathematics is `expPair`'s.
 */
export function exp(x: number): number {
  if (Math.abs(x) < 708) return expPair(x);
  if (x > 710) return Infinity;
  if (x < -746) return 0;
  return Number.isNaN(x) ? x : extreme(x);
}

/** e^x near the ends of the range, as the square of e^(x/2), which is far from them. */
function extreme(x: number): number {
  const scale = powerOfTwo(x > 0 ? -511 : 537);
  const half = expPair(x / 2) * scale;
  const rest = expRest[0]! * scale;
  const square = half * half;
  const low = productError(half, half, square) + 2 * half * rest;
  const sum = square + low;
  if (x > 0) return sum * powerOfTwo(1022);
  if (sum >= TO_52) return sum * SMALLEST;
  // A subnormal answer: `square + low` is in units of the smallest number and is rounded to a whole one, once.
  const whole = square + TO_52 - TO_52;
  const over = square - whole + low;
  return (over > 0.5 ? whole + 1 : over < -0.5 ? whole - 1 : whole) * SMALLEST;
}
