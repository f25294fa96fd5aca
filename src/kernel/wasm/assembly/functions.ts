// exp, tanh, sigmoid and softplus of a vector: in double precision number by number (exact.ts), in single precision at once.
import * as exact from './exact';
import { add, LANES, loadPart, splat, storePart, sub } from './memory';

/**
 * The constants of a vector's functions, each read from memory into all lanes: V8 makes a constant that is written in the
 * code again in every turn of a loop, which takes as long as the arithmetic.
 */
const CONSTANTS = memory.data<f32>(
  [
    -105, 90, 1.44269504, 12582912, 1, -87, 18.5, 2, 0.625, -0.0, 0.693359375, -2.12194440e-4,
    1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
    -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
    0.41421356, 0.5,
    7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
    2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
  ],
  16,
);

const LEAST: usize = CONSTANTS;
const MOST: usize = CONSTANTS + 4;
const LOG2_E: usize = CONSTANTS + 8;
/** A number so large that what is added to it is rounded to a whole number, which its last bits then hold. */
const ROUNDER: usize = CONSTANTS + 12;
const ONE: usize = CONSTANTS + 16;
const LOW: usize = CONSTANTS + 20;
const TANH_MOST: usize = CONSTANTS + 24;
const TWO: usize = CONSTANTS + 28;
const TANH_SMALL: usize = CONSTANTS + 32;
const SIGN: usize = CONSTANTS + 36;
/** ln 2 in two parts. */
const LN_2: usize = CONSTANTS + 40;
const LN_2_REST: usize = CONSTANTS + 44;
/** The coefficients of the polynomials, from the highest power down. */
const EXP_SERIES: usize = CONSTANTS + 48;
const TANH_SERIES: usize = CONSTANTS + 72;
/** √2 − 1. */
const LOG_MOST: usize = CONSTANTS + 92;
const HALF: usize = CONSTANTS + 96;
const LOG_SERIES: usize = CONSTANTS + 100;

// @ts-ignore: decorator
@inline
function read(constant: usize): v128 {
  return v128.load32_splat(constant);
}

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
  const held = f32x4.pmin(f32x4.pmax(x, read(LEAST)), read(MOST));
  const rounded = f32x4.add(f32x4.mul(held, read(LOG2_E)), read(ROUNDER));
  const whole = i32x4.sub(rounded, read(ROUNDER));
  const half = i32x4.shr_s(whole, 1);
  const grown = f32x4.mul(reduced(held, f32x4.sub(rounded, read(ROUNDER))), power(half));
  return f32x4.mul(grown, power(i32x4.sub(whole, half)));
}

/** 1 − e^x for x up to 0, with all digits where it is small: 1 − 2^n (1 + s) as (1 − 2^n) − 2^n s. */
// @ts-ignore: decorator
@inline
export function oneMinusExp(x: v128): v128 {
  if (sizeof<Real>() == 8) {
    return pair(exact.oneMinusExp(f64x2.extract_lane(x, 0)), exact.oneMinusExp(f64x2.extract_lane(x, 1)));
  }
  const held = f32x4.pmax(x, read(LOW));
  const rounded = f32x4.add(f32x4.mul(held, read(LOG2_E)), read(ROUNDER));
  const scale = power(rounded);
  const grown = reducedLess1(held, f32x4.sub(rounded, read(ROUNDER)));
  return f32x4.sub(f32x4.sub(read(ONE), scale), f32x4.mul(scale, grown));
}

/** ln(1 + e^x) as max(x, 0) + ln(1 + e^−|x|). */
// @ts-ignore: decorator
@inline
export function softplus(x: v128): v128 {
  if (sizeof<Real>() == 8) {
    return pair(exact.softplus(f64x2.extract_lane(x, 0)), exact.softplus(f64x2.extract_lane(x, 1)));
  }
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), log1p(exp(f32x4.neg(f32x4.abs(x)))));
}

/** 1 / (1 + e^−x) for numbers of which none is low. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  if (sizeof<Real>() == 8) {
    return pair(exact.sigmoid(f64x2.extract_lane(x, 0)), exact.sigmoid(f64x2.extract_lane(x, 1)));
  }
  return f32x4.div(read(ONE), f32x4.add(read(ONE), exp(f32x4.neg(x))));
}

// @ts-ignore: decorator
@inline
function isLow(x: v128): v128 {
  return f32x4.lt(x, read(LOW));
}

/** Whether any number is below `bound`, which is at most 0: for what sums of gates hardly ever are. */
export function anyBelow(y: usize, length: i32, bound: Real): bool {
  const most = splat(bound);
  let low = f32x4.splat(0);
  let left = length;
  for (; left >= 2 * LANES; left -= 2 * LANES, y += 32) {
    low = v128.or(low, v128.or(v128.lt<Real>(v128.load(y), most), v128.lt<Real>(v128.load(y, 16), most)));
  }
  for (; left > 0; left -= LANES, y += 16) low = v128.or(low, v128.lt<Real>(loadPart(y, min(left, LANES)), most));
  return v128.any_true(low);
}

/** Raises the sums of minLSTM's gates by the same amount where both are below `low`; kernel/plain/scan.ts says why. */
export function raiseLow(forget: usize, input: usize, length: i32, low: Real): void {
  const raised = splat(sizeof<Real>() == 4 ? -32 : -512);
  const least = splat(-1e30);
  for (; length > 0; length -= LANES, forget += 16, input += 16) {
    const count = min(length, LANES);
    const f = loadPart(forget, count);
    const i = loadPart(input, count);
    const greater = v128.pmax<Real>(f, i);
    const both = v128.lt<Real>(greater, splat(low));
    const from = v128.pmax<Real>(greater, least);
    storePart(forget, v128.bitselect(add(sub(f, from), raised), f, both), count);
    storePart(input, v128.bitselect(add(sub(i, from), raised), i, both), count);
  }
}

/** Whether all numbers are zero. */
export function allZero(y: usize, length: i32): bool {
  for (; length > 0; length -= LANES, y += 16) {
    if (v128.any_true(v128.ne<Real>(loadPart(y, min(length, LANES)), f32x4.splat(0)))) return false;
  }
  return true;
}

/** Sigmoids of numbers of which some are low: e^x there, so that small answers keep their digits. */
export function sigmoids(y: usize, length: i32): void {
  for (; length > 0; length -= LANES, y += 16) {
    const count = min(length, LANES);
    const x = loadPart(y, count);
    storePart(y, v128.bitselect(exp(x), sigmoid(x), isLow(x)), count);
  }
}

/** Below 0.625 in size an odd polynomial of degree 11, above it 1 − 2 / (e^2|x| + 1) with the sign of x (Cephes, tanhf). */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  if (sizeof<Real>() == 8) {
    return pair(exact.tanh(f64x2.extract_lane(x, 0)), exact.tanh(f64x2.extract_lane(x, 1)));
  }
  const size = f32x4.abs(x);
  const sign = read(SIGN);
  const twice = f32x4.pmin(f32x4.add(size, size), read(TANH_MOST));
  const rounded = f32x4.add(f32x4.mul(twice, read(LOG2_E)), read(ROUNDER));
  const e = f32x4.mul(reduced(twice, f32x4.sub(rounded, read(ROUNDER))), power(rounded));
  const big = f32x4.sub(read(ONE), f32x4.div(read(TWO), f32x4.add(e, read(ONE))));
  const z = f32x4.mul(x, x);
  let p = read(TANH_SERIES);
  p = f32x4.add(f32x4.mul(p, z), read(TANH_SERIES + 4));
  p = f32x4.add(f32x4.mul(p, z), read(TANH_SERIES + 8));
  p = f32x4.add(f32x4.mul(p, z), read(TANH_SERIES + 12));
  p = f32x4.add(f32x4.mul(p, z), read(TANH_SERIES + 16));
  const small = f32x4.add(x, f32x4.mul(x, f32x4.mul(p, z)));
  const signed = v128.or(v128.andnot(big, sign), v128.and(x, sign));
  return v128.bitselect(small, signed, f32x4.lt(size, read(TANH_SMALL)));
}

/** e^r for r = x − n ln 2. */
// @ts-ignore: decorator
@inline
function reduced(x: v128, n: v128): v128 {
  return f32x4.add(reducedLess1(x, n), read(ONE));
}

/** e^r − 1 for the same r. */
// @ts-ignore: decorator
@inline
function reducedLess1(x: v128, n: v128): v128 {
  let r = f32x4.sub(x, f32x4.mul(n, read(LN_2)));
  r = f32x4.sub(r, f32x4.mul(n, read(LN_2_REST)));
  let p = read(EXP_SERIES);
  p = f32x4.add(f32x4.mul(p, r), read(EXP_SERIES + 4));
  p = f32x4.add(f32x4.mul(p, r), read(EXP_SERIES + 8));
  p = f32x4.add(f32x4.mul(p, r), read(EXP_SERIES + 12));
  p = f32x4.add(f32x4.mul(p, r), read(EXP_SERIES + 16));
  p = f32x4.add(f32x4.mul(p, r), read(EXP_SERIES + 20));
  return f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r);
}

/**
 * ln(1 + x) for x from 0 to 1: ln(1 + r), or from √2 − 1 on ln 2 + ln(1 + r) with 2 (1 + r) = 1 + x, and a polynomial of
 * degree 11 (Cephes, logf).
 */
// @ts-ignore: decorator
@inline
function log1p(x: v128): v128 {
  const large = f32x4.gt(x, read(LOG_MOST));
  const r = v128.bitselect(f32x4.mul(f32x4.sub(x, read(ONE)), read(HALF)), x, large);
  const z = f32x4.mul(r, r);
  let p = read(LOG_SERIES);
  p = f32x4.add(f32x4.mul(p, r), read(LOG_SERIES + 4));
  p = f32x4.add(f32x4.mul(p, r), read(LOG_SERIES + 8));
  p = f32x4.add(f32x4.mul(p, r), read(LOG_SERIES + 12));
  p = f32x4.add(f32x4.mul(p, r), read(LOG_SERIES + 16));
  p = f32x4.add(f32x4.mul(p, r), read(LOG_SERIES + 20));
  p = f32x4.add(f32x4.mul(p, r), read(LOG_SERIES + 24));
  p = f32x4.add(f32x4.mul(p, r), read(LOG_SERIES + 28));
  p = f32x4.add(f32x4.mul(p, r), read(LOG_SERIES + 32));
  const rest = f32x4.add(f32x4.mul(f32x4.mul(p, r), z), v128.and(read(LN_2_REST), large));
  return f32x4.add(f32x4.add(r, f32x4.sub(rest, f32x4.mul(read(HALF), z))), v128.and(read(LN_2), large));
}

/** 2^k for whole numbers k from −126 to 127; of k only the nine bits that get into an exponent are looked at. */
// @ts-ignore: decorator
@inline
function power(k: v128): v128 {
  return i32x4.add(i32x4.shl(k, 23), read(ONE)); // the bits of 1 are the exponent of 2^0
}

// @ts-ignore: decorator
@inline
function pair(low: f64, high: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(low), 1, high);
}
