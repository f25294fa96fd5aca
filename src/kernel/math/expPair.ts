import { powerOfTwo } from './powerOfTwo.js';
import { productError } from './productError.js';

/** Parts of an octave. */
const PLACES = 128;

/** 128 / ln 2. */
const PLACES_PER_NAT = 184.6649652337873;

/** ln 2 / 128 to 36 bits, so that its product with a number of 17 bits is exact; and what it lacks. */
const NATS_PER_PLACE = 0.005415212348111709;
const NATS_PER_PLACE_REST = 1.2864023111638346e-14;

/** Added and taken away again, this rounds a number below 2^51 in size to the nearest integer. */
const ROUNDER = 6755399441055744;

/** What the leading part of the last e^x lacks: the second half of the answer of `expPair`. */
export const expRest: Float64Array = new Float64Array(1);

/** 2^(j/128) for j in 0..127: rounded, and what rounding took. */
export const expTables: readonly [Float64Array, Float64Array] = rootsOfTwo();
const [roots, rests] = expTables;

/**
 * Gives e^x as an unevaluated sum: returns the sum rounded, and leaves in `expRest[0]` what rounding took.
 *
 * x lies between -708 and 709; the sum is good to 2^-60 of itself (the rest counts only where x is above -670, below
 * that it may be subnormal). The next call overwrites the rest.
 *
 * e^x = 2^k 2^(j/128) e^r with |r| <= ln 2 / 256: the middle factor from a table of pairs, the last by its Taylor
 * series to r^5. Tang, Table-driven implementation of the exponential function in IEEE floating-point arithmetic,
 * ACM TOMS 15 (1989); the reduction is Cody and Waite's.
 */
export function expPair(x: number): number {
  const n = x * PLACES_PER_NAT + ROUNDER - ROUNDER;
  const r = x - n * NATS_PER_PLACE - n * NATS_PER_PLACE_REST;
  const square = r * r;
  const grown = r + square * (0.5 + r * (1 / 6) + square * (1 / 24 + r * (1 / 120)));
  const place = n | 0;
  const j = place & (PLACES - 1);
  const root = roots[j]!;
  const small = root * grown + rests[j]!;
  const sum = root + small;
  const power = powerOfTwo(place >> 7);
  expRest[0] = (root - sum + small) * power;
  return sum * power;
}

/** 2^(j/128) as pairs: the 128th root of two by seven square roots, then its powers, all in pairs. */
function rootsOfTwo(): [Float64Array, Float64Array] {
  let high = 2;
  let low = 0;
  for (let halvings = 0; halvings < 7; halvings++) {
    const root = Math.sqrt(high);
    const square = root * root;
    low = (high - square - productError(root, root, square) + low) / (2 * root);
    high = root;
  }
  const highs = new Float64Array(PLACES);
  const lows = new Float64Array(PLACES);
  highs[0] = 1;
  for (let j = 1; j < PLACES; j++) {
    const before = highs[j - 1]!;
    const product = before * high;
    const rest = productError(before, high, product) + (before * low + lows[j - 1]! * high);
    highs[j] = product + rest;
    lows[j] = product - highs[j]! + rest;
  }
  return [highs, lows];
}
