// Exact references for the scalar functions, in whole numbers of 300 bits after the point; no floating point.

/** mantissa × 2^exponent. */
export interface Exact {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const BITS = 300;
const ONE = 1n << BigInt(BITS);
const LN2 = lnTwo();
const bits = new DataView(new ArrayBuffer(8));

/** Gives a finite number as its mantissa, of 53 bits where it is normal, and exponent; 2^exponent is its last place. */
export function parts(x: number): Exact {
  bits.setFloat64(0, x);
  const word = bits.getBigUint64(0);
  const biased = Number((word >> 52n) & 2047n);
  const fraction = word & ((1n << 52n) - 1n);
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  return { mantissa: x < 0 ? -mantissa : mantissa, exponent: Math.max(biased, 1) - 1075 };
}

/** Gives e^x, to more than 270 bits of itself. */
export function exactExp(x: number): Exact {
  return expOf(fixed(parts(x)));
}

/** Gives 1 − e^x for x <= 0, to 300 bits after the point. */
export function exactOneMinusExp(x: number): Exact {
  return { mantissa: ONE - fixed(exactExp(x)), exponent: -BITS };
}

/** Gives ln x, through the answer to be checked, y: ln x = y + ln(x e^-y), and the last argument is next to 1. */
export function exactLog(x: number, y: number): Exact {
  const inverse = expOf(-fixed(parts(y)));
  const number = parts(x);
  const d = shift(number.mantissa * inverse.mantissa, number.exponent + inverse.exponent + BITS) - ONE;
  if (size(d) > ONE >> 40n) throw new RangeError(`exactLog: ${y} is not near the logarithm of ${x}`);
  return { mantissa: fixed(parts(y)) + d - times(d, d) / 2n + times(times(d, d), d) / 3n, exponent: -BITS };
}

/** Gives tanh x. */
export function exactTanh(x: number): Exact {
  const power = fixed(exactExp(2 * x));
  return { mantissa: ((power - ONE) << BigInt(BITS)) / (power + ONE), exponent: -BITS };
}

/** Gives 1 / (1 + e^-x), for x <= 0 in all its bits as e^x / (1 + e^x). */
export function exactSigmoid(x: number): Exact {
  const power = exactExp(x);
  if (x > 0) return { mantissa: (fixed(power) << BigInt(BITS)) / (fixed(power) + ONE), exponent: -BITS };
  return { mantissa: (power.mantissa << BigInt(BITS)) / (ONE + fixed(power)), exponent: power.exponent };
}

/** Gives how far y is from the truth, in units of y's last place. */
export function ulps(y: number, truth: Exact): number {
  const { mantissa, exponent } = parts(y);
  const finer = 60;
  const difference = (mantissa << BigInt(finer)) - shift(truth.mantissa, truth.exponent - exponent + finer);
  return Math.abs(Number(difference)) / 2 ** finer;
}

/** e^x of a fixed-point x: k ln 2 taken off, the rest cut 2^20-fold, nine terms of the series, squared twenty times. */
function expOf(x: bigint): Exact {
  const k = (2n * x + LN2) / (2n * LN2) - (2n * x + LN2 < 0n ? 1n : 0n);
  const r = (x - k * LN2) >> 20n;
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; n <= 16n; n++) {
    term = times(term, r) / n;
    sum += term;
  }
  for (let squarings = 0; squarings < 20; squarings++) sum = times(sum, sum);
  return { mantissa: sum, exponent: Number(k) - BITS };
}

/** ln 2 = 2 artanh(1/3). */
function lnTwo(): bigint {
  let power = (ONE << 20n) / 3n;
  let sum = 0n;
  for (let n = 1n; power > 0n; n += 2n) {
    sum += power / n;
    power /= 9n;
  }
  return (2n * sum) >> 20n;
}

function times(a: bigint, b: bigint): bigint {
  return (a * b) >> BigInt(BITS);
}

function fixed({ mantissa, exponent }: Exact): bigint {
  return shift(mantissa, exponent + BITS);
}

function shift(mantissa: bigint, places: number): bigint {
  return places >= 0 ? mantissa << BigInt(places) : mantissa >> BigInt(-places);
}

function size(x: bigint): bigint {
  return x < 0n ? -x : x;
}
