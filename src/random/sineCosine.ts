import { productError } from '../kernel/math/productError.js';

/** A quarter turn in three parts, the first two of 33 bits so that their small multiples are exact. */
const QUARTER = 1.5707963267341256;
const QUARTER_NEXT = 6.077100506303966e-11;
const QUARTER_REST = 2.0222662487959506e-21;

/** The divisors of the first five terms of the series of sine and cosine in w = r^2, last first. */
const SINE: Terms = terms([362880, -5040, 120, -6, 1]);
const COSINE: Terms = terms([40320, -720, 24, -2, 1]);

/** The first terms of a series, last first, as pairs. */
interface Terms {
  readonly values: readonly number[];
  readonly rests: readonly number[];
}

/** The rounding error of the last `sum`. */
let sumRest = 0;

/**
 * Computes sine and cosine of an angle from 0 to 2 pi, both correctly rounded (computed to a relative error of about
 * 2^-75).
 *
 * The nearest multiple of a quarter turn is subtracted in three parts (Cody and Waite, Software Manual for the
 * Elementary Functions, 1980); then Taylor's series, in pairs of doubles where the terms are large and in doubles where
 * they are small, as in `log`.
 */
export function sineCosine(angle: number): readonly [sine: number, cosine: number] {
  const quarters = Math.round(angle / QUARTER);
  const above = angle - quarters * QUARTER; // exact
  const next = quarters * QUARTER_NEXT; // exact
  const near = above - next;
  const nearRest = difference(above, next, near) - quarters * QUARTER_REST;
  const r = near + nearRest;
  const rRest = near - r + nearRest;

  const w = r * r;
  const wRest = productError(r, r, w) + 2 * r * rRest;
  const s = sum(SINE, w, wRest, tailOfSine(w));
  const product = r * s;
  const sine = product + (productError(r, s, product) + (r * sumRest + rRest * s));
  const cosine = sum(COSINE, w, wRest, tailOfCosine(w)) + sumRest;

  if (quarters === 1) return [cosine, -sine];
  if (quarters === 2) return [-sine, -cosine];
  if (quarters === 3) return [-cosine, sine];
  return [sine, cosine];
}

/** The terms after the first five, -w^0/11! and so on. */
function tailOfSine(w: number): number {
  let sum = 0;
  for (let n = 24; n > 11; n -= 2) sum = (1 - sum) * (w / ((n + 1) * n));
  return (sum - 1) / 39916800;
}

/** The terms after the first five, -w^0/10! and so on. */
function tailOfCosine(w: number): number {
  let sum = 0;
  for (let n = 23; n > 10; n -= 2) sum = (1 - sum) * (w / ((n + 1) * n));
  return (sum - 1) / 3628800;
}

/** The sum of the terms and of w^5 times a tail. */
function sum({ values, rests }: Terms, w: number, wRest: number, tail: number): number {
  let sum = tail;
  let rest = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const part = w * sum;
    const partRest = productError(w, sum, part) + (w * rest + wRest * sum);
    sum = value + part;
    rest = value - sum + part + (rests[i]! + partRest);
  }
  const whole = sum + rest;
  sumRest = sum - whole + rest;
  return whole;
}

/** The rounding error of `a - b = rounded` (Knuth's two-sum). */
function difference(a: number, b: number, rounded: number): number {
  const back = rounded - a;
  return a - (rounded - back) - (b + back);
}

/** Reciprocals of whole numbers, as pairs. */
function terms(divisors: readonly number[]): Terms {
  const values = divisors.map((n) => 1 / n);
  return {
    values,
    rests: divisors.map((n, i) => (1 - n * values[i]! - productError(n, values[i]!, n * values[i]!)) / n),
  };
}
