/** Quarter turns per radian, 2 / π. */
const TURNS = 2 / Math.PI;

/** π / 2 in four parts: three of 33 bits, whose products with a number of 20 bits are exact, and what they lack. */
const QUARTER_1 = 1.5707963267341256;
const QUARTER_2 = 6.077100506303966e-11;
const QUARTER_3 = 2.0222662487111665e-21;
const QUARTER_REST = 8.4784276603689e-32;

/** From here on a count of quarter turns has more than 20 bits. */
const LARGE = 1048576;

/** Added and taken away again, this rounds a number below 2^51 in size to the nearest integer. */
const ROUNDER = 6755399441055744;

/**
 * Gives the cosine of x radians in double precision, to within 2e-16, for |x| < 2^20; NaN beyond and for NaN.
 *
 * The same bits on every engine. Whole quarter turns are subtracted in parts (Cody and Waite, Software Manual for the
 * Elementary Functions, 1980); what is left, r + rest with |r| <= π / 4, goes into the Taylor series of cosine or sine.
 */
export function cos(x: number): number {
  if (!(Math.abs(x) < LARGE)) return NaN;
  const n = x * TURNS + ROUNDER - ROUNDER;
  const first = x - n * QUARTER_1;
  const second = n * QUARTER_2;
  const near = first - second;
  const third = n * QUARTER_3 + (second - (first - near)) + n * QUARTER_REST;
  const r = near - third;
  const rest = near - r - third;
  const quarter = n & 3;
  const size = quarter % 2 === 0 ? cosine(r, rest) : sine(r, rest);
  return quarter === 0 || quarter === 3 ? size : -size;
}

/** `cos(r + rest)`, to r^16. */
function cosine(r: number, rest: number): number {
  const square = r * r;
  const half = 0.5 * square;
  const head = 1 - half;
  const tail =
    1 / 24 +
    square *
      (-1 / 720 +
        square *
          (1 / 40320 +
            square *
              (-1 / 3628800 + square * (1 / 479001600 + square * (-1 / 87178291200 + square * (1 / 20922789888000))))));
  return head + (1 - head - half + (square * square * tail - r * rest));
}

/** `sin(r + rest)`, to r^17. */
function sine(r: number, rest: number): number {
  const square = r * r;
  const tail =
    -1 / 6 +
    square *
      (1 / 120 +
        square *
          (-1 / 5040 +
            square *
              (1 / 362880 +
                square *
                  (-1 / 39916800 +
                    square * (1 / 6227020800 + square * (-1 / 1307674368000 + square * (1 / 355687428096000)))))));
  return r + (r * square * tail + rest * (1 - 0.5 * square));
}
