// exp, tanh and sigmoid of a vector: in double precision number by number (exact.ts), in single precision at once.
import * as exact from './exact';

/** A number so large that what is added to it is rounded to a whole number, which its last bits then hold. */
const ROUNDER: f32 = 12582912;
const ROUNDER_BITS: i32 = 0x4b400000;

/**
 * e^x: 2^n e^r with n = round(x / ln 2) and |r| ≤ ln 2 / 2, ln 2 in two parts and a polynomial of degree 6 (Cephes,
 * expf). The power is applied in two halves, so that small answers become subnormal, then 0; large ones Infinity.
 */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  if (sizeof<Real>() == 8) {
    return pair(exact.exp(f64x2.extract_lane(x, 0)), exact.exp(f64x2.extract_lane(x, 1)));
  }
  const held = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-105)), f32x4.splat(90));
  const rounded = f32x4.add(f32x4.mul(held, f32x4.splat(1.44269504)), f32x4.splat(ROUNDER));
  const whole = i32x4.sub(rounded, i32x4.splat(ROUNDER_BITS));
  const half = i32x4.shr_s(whole, 1);
  const grown = f32x4.mul(reduced(held, f32x4.sub(rounded, f32x4.splat(ROUNDER))), power(half));
  return f32x4.mul(grown, power(i32x4.sub(whole, half)));
}

/** 1 / (1 + e^−x); e^x where that would overflow, so that small answers keep their digits. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  if (sizeof<Real>() == 8) {
    return pair(exact.sigmoid(f64x2.extract_lane(x, 0)), exact.sigmoid(f64x2.extract_lane(x, 1)));
  }
  const one = f32x4.splat(1);
  const y = f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
  const low = f32x4.lt(x, f32x4.splat(-87));
  return v128.any_true(low) ? v128.bitselect(tail(x), y, low) : y;
}

/** e^x, kept out of the loops that hardly ever need it. */
function tail(x: v128): v128 {
  return exp(x);
}

/** Below 0.625 in size an odd polynomial of degree 11, above it 1 − 2 / (e^2|x| + 1) with the sign of x (Cephes, tanhf). */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  if (sizeof<Real>() == 8) {
    return pair(exact.tanh(f64x2.extract_lane(x, 0)), exact.tanh(f64x2.extract_lane(x, 1)));
  }
  const size = f32x4.abs(x);
  const sign = i32x4.splat(0x80000000);
  const twice = f32x4.pmin(f32x4.add(size, size), f32x4.splat(18.5));
  const rounded = f32x4.add(f32x4.mul(twice, f32x4.splat(1.44269504)), f32x4.splat(ROUNDER));
  const e = f32x4.mul(reduced(twice, f32x4.sub(rounded, f32x4.splat(ROUNDER))), power(rounded));
  const big = f32x4.sub(f32x4.splat(1), f32x4.div(f32x4.splat(2), f32x4.add(e, f32x4.splat(1))));
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.06390887954e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-5.37397155531e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(1.33314422036e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-3.33332819422e-1));
  const small = f32x4.add(x, f32x4.mul(x, f32x4.mul(p, z)));
  const signed = v128.or(v128.andnot(big, sign), v128.and(x, sign));
  return v128.bitselect(small, signed, f32x4.lt(size, f32x4.splat(0.625)));
}

/** e^r for r = x − n ln 2. */
// @ts-ignore: decorator
@inline
function reduced(x: v128, n: v128): v128 {
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  return f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
}

/** 2^k for whole numbers k from −126 to 127; of k only the nine bits that get into an exponent are looked at. */
// @ts-ignore: decorator
@inline
function power(k: v128): v128 {
  return i32x4.shl(i32x4.add(k, i32x4.splat(127)), 23);
}

// @ts-ignore: decorator
@inline
function pair(low: f64, high: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(low), 1, high);
}
