// exp, 1 − exp, tanh, sigmoid, softplus and log in double precision: the same operations in the same order as exp.ts,
// oneMinusExp.ts, tanh.ts, sigmoid.ts, softplus.ts and log.ts in kernel/math, which explain the mathematics; the same bits.

/** Where the tables of the exponential and the logarithm lie, 128 doubles each, written once when the memory is made. */
const ROOTS: usize = 1024;
const RESTS: usize = 2048;
const INVERSES: usize = 3072;
const LOGS: usize = 4096;
const LOG_RESTS: usize = 5120;

const PLACES_PER_NAT: f64 = 184.6649652337873;
const NATS_PER_PLACE: f64 = 0.005415212348111709;
const NATS_PER_PLACE_REST: f64 = 1.2864023111638346e-14;
const ROUNDER: f64 = 6755399441055744;
const TO_52: f64 = 4503599627370496;
const TO_54: f64 = 18014398509481984;
const SMALLEST: f64 = 5e-324;

/** What the last `expPair` left. */
let expRest: f64 = 0;

// @ts-ignore: decorator
@inline
function powerOfTwo(k: i32): f64 {
  return k >= -1022 ? reinterpret<f64>((<u64>(1023 + k)) << 52) : reinterpret<f64>((<u64>1) << (1074 + k));
}

// @ts-ignore: decorator
@inline
function productError(a: f64, b: f64, product: f64): f64 {
  const aHigh: f64 = <f64>(<f32>a);
  const aLow = a - aHigh;
  const bHigh: f64 = <f64>(<f32>b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

// @ts-ignore: decorator
@inline
function quotient(a: f64, aRest: f64, b: f64, bRest: f64): f64 {
  const inverse: f64 = 1 / b;
  const first = a * inverse;
  const product = first * b;
  const remainder = a - product - productError(first, b, product) + (aRest - first * bRest);
  return first + remainder * inverse;
}

function expPair(x: f64): f64 {
  const n = x * PLACES_PER_NAT + ROUNDER - ROUNDER;
  const r = x - n * NATS_PER_PLACE - n * NATS_PER_PLACE_REST;
  const square = r * r;
  const grown = r + square * (0.5 + r * (1.0 / 6.0) + square * (1.0 / 24.0 + r * (1.0 / 120.0)));
  const place = <i32>n;
  const at = (<usize>(place & 127)) << 3;
  const root = load<f64>(ROOTS + at);
  const small = root * grown + load<f64>(RESTS + at);
  const sum = root + small;
  const power = powerOfTwo(place >> 7);
  expRest = (root - sum + small) * power;
  return sum * power;
}

export function exp(x: f64): f64 {
  if (abs(x) < 708) return expPair(x);
  if (x > 710) return Infinity;
  if (x < -746) return 0;
  return x != x ? x : extreme(x);
}

function extreme(x: f64): f64 {
  const scale = powerOfTwo(x > 0 ? -511 : 537);
  const half = expPair(x / 2) * scale;
  const rest = expRest * scale;
  const square = half * half;
  const low = productError(half, half, square) + 2 * half * rest;
  const sum = square + low;
  if (x > 0) return sum * powerOfTwo(1022);
  if (sum >= TO_52) return sum * SMALLEST;
  const whole = square + TO_52 - TO_52;
  const over = square - whole + low;
  return (over > 0.5 ? whole + 1 : over < -0.5 ? whole - 1 : whole) * SMALLEST;
}

export function oneMinusExp(x: f64): f64 {
  if (x > -0.03125) {
    const square = x * x;
    const fourth = square * square;
    const head = 0.5 + x * (1.0 / 6.0) + square * (1.0 / 24.0 + x * (1.0 / 120.0));
    const tail = 1.0 / 720.0 + x * (1.0 / 5040.0) + square * (1.0 / 40320.0 + x * (1.0 / 362880.0));
    return 0 - (x + x * (x * (head + fourth * tail)));
  }
  if (x < -40) return 1;
  const power = expPair(x);
  const sum: f64 = 1 - power;
  return sum + (1 - sum - power - expRest);
}

export function sigmoid(x: f64): f64 {
  if (x >= 45) return 1;
  if (!(x > -45)) return exp(x);
  const power = expPair(x > 0 ? -x : x);
  const rest = expRest;
  const sum: f64 = 1 + power;
  const sumRest = 1 - sum + power + rest;
  return x > 0 ? quotient(1, 0, sum, sumRest) : quotient(power, rest, sum, sumRest);
}

export function tanh(x: f64): f64 {
  const size = abs(x);
  if (size < 0.125) return size < 3.7252902984619140625e-9 ? x : series(x);
  if (size >= 19.0625) return x > 0 ? 1 : -1;
  if (!(size > 0)) return x;
  const power = expPair(2 * size);
  const rest = expRest;
  const above = power - 1;
  const below = power + 1;
  const value = quotient(above, power - above - 1 + rest, below, power - below + 1 + rest);
  return x > 0 ? value : -value;
}

function series(x: f64): f64 {
  const square = x * x;
  const fourth = square * square;
  const head = -1.0 / 3.0 + square * (2.0 / 15.0) + fourth * (-17.0 / 315.0 + square * (62.0 / 2835.0));
  const tail =
    -1382.0 / 155925.0 +
    square * (21844.0 / 6081075.0) +
    fourth * (-929569.0 / 638512875.0 + square * (6404582.0 / 10854718875.0));
  return x + x * (square * (head + fourth * fourth * tail));
}

// @ts-ignore: decorator
@inline
function log1p(x: f64): f64 {
  const u: f64 = 1 + x;
  return log(u) + (x - (u - 1)) / u;
}

export function softplus(x: f64): f64 {
  return max(x, 0) + log1p(exp(-abs(x)));
}

export function log(x: f64): f64 {
  let number = x;
  let shift = 0;
  if (!(x >= 2.2250738585072014e-308 && x < Infinity)) {
    if (!(x > 0)) return x == 0 ? -Infinity : NaN;
    if (x == Infinity) return x;
    number = x * TO_54;
    shift = 54;
  }
  const over = <i32>(reinterpret<u64>(number) >> 32) - 0x3fe6a000;
  const exponent = over >> 20;
  const z = number * powerOfTwo(-exponent);
  const at = (<usize>((over >> 13) & 127)) << 3;
  const inverse = load<f64>(INVERSES + at);

  const zHigh: f64 = <f64>(<f32>z);
  const near: f64 = zHigh * inverse - 1;
  const far = (z - zHigh) * inverse;
  const r = near + far;
  const rRest = near - r + far;

  const k = <f64>(exponent - shift);
  const tableHigh = load<f64>(LOGS + at);
  const base = k * 0.6931471805598903 + tableHigh;
  const baseRest = k * 0.6931471805598903 - base + tableHigh + (k * 5.497923018708371e-14 + load<f64>(LOG_RESTS + at));

  const square = r * r;
  const fourth = square * square;
  const curve =
    square *
    (-0.5 +
      r * (1.0 / 3.0) +
      square * (-1.0 / 4.0 + r * (1.0 / 5.0)) +
      fourth * (-1.0 / 6.0 + r * (1.0 / 7.0) + square * (-1.0 / 8.0)));
  if (base == 0) return r + curve;
  const sum = base + r;
  return sum + (base - sum + r + (curve + rRest * (1 - r) + baseRest));
}
