/**
 * `a * b + c` of finite numbers, rounded once, as the fused instruction of processors and C's `fma` give it.
 *
 * The product and the sums are taken with their rounding errors, the errors are added with rounding to odd, and only
 * the last sum rounds (Boldo and Melquiond, “Emulation of FMA and correctly rounded sums: proved algorithms using
 * rounding to odd”, 2008). Where an error could be too small or a product too large to be a number, integers give the
 * result.
 */
export function fusedMultiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  if (a === 0 || b === 0 || c === 0) return product + c; // one of the two operations is exact
  const size = Math.abs(product);
  const large = Math.max(Math.abs(a), Math.abs(b), Math.abs(c), size);
  if (!(size > SMALL && large < LARGE)) return byIntegers(a, b, c);

  const productRest = halvesProductError(a, b, product);
  const low = c + productRest;
  const lowRest = sumError(c, productRest, low);
  const high = product + low;
  return high + oddSum(lowRest, sumError(product, low, high));
}

/** Between these sizes of products no error of the steps below underflows and nothing overflows. */
const SMALL = 1e-288;
const LARGE = 1e297;

/**
 * `a * b - product`, where `product` is the rounded `a * b`: Dekker's product, each factor cut into halves of its
 * digits.
 */
function halvesProductError(a: number, b: number, product: number): number {
  const aHigh = highHalf(a);
  const aLow = a - aHigh;
  const bHigh = highHalf(b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** The first 26 of a number's 53 digits, rounded: Veltkamp's splitting. */
function highHalf(a: number): number {
  const spread = 134217729 * a;
  return spread - (spread - a);
}

/** `a + b - sum`, where `sum` is the rounded `a + b`: Knuth's sum. */
function sumError(a: number, b: number, sum: number): number {
  const bOfSum = sum - a;
  return a - (sum - bOfSum) + (b - bOfSum);
}

const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1; // the place of the low word on this machine
const HIGH = 1 - LOW;

/** `a + b`, where it is not exact rounded to the one of its two neighbours whose last digit is odd. */
function oddSum(a: number, b: number): number {
  const sum = a + b;
  const rest = sumError(a, b, sum);
  if (rest === 0) return sum;
  number[0] = sum;
  if (words[LOW]! % 2 === 1) return sum;
  if (rest > 0 === sum > 0) words[LOW]! += 1;
  else if (words[LOW]!-- === 0) words[HIGH]! -= 1; // the borrow
  return number[0];
}

/** The same result by integers of any size. */
function byIntegers(a: number, b: number, c: number): number {
  const [aWhole, aExponent] = whole(a);
  const [bWhole, bExponent] = whole(b);
  const [cWhole, cExponent] = whole(c);
  const exponent = Math.min(aExponent + bExponent, cExponent);
  const sum =
    ((aWhole * bWhole) << BigInt(aExponent + bExponent - exponent)) + (cWhole << BigInt(cExponent - exponent));
  return rounded(sum, exponent);
}

/** A number as an integer times a power of two, from its bits. */
function whole(value: number): [integer: bigint, exponent: number] {
  number[0] = value;
  const high = words[HIGH]!;
  const field = (high >>> 20) & 2047;
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(words[LOW]!);
  const integer = field === 0 ? fraction : fraction | HIDDEN;
  return [value < 0 ? -integer : integer, Math.max(field, 1) - BIAS];
}

/** The leading digit of a normal number, which its bits leave out, and the exponent of its last digit at field 0. */
const HIDDEN = 1n << 52n;
const BIAS = 1075;

/** `integer * 2^exponent` as the nearest number, of two equally near ones the even. */
function rounded(integer: bigint, exponent: number): number {
  const size = integer < 0n ? -integer : integer;
  const cut = Math.max(size.toString(2).length - 53, 1 - BIAS - exponent); // below 0: there are digits to spare
  let kept = cut > 0 ? size >> BigInt(cut) : size << BigInt(-cut);
  const one = 1n << BigInt(Math.max(cut, 0));
  const rest = size & (one - 1n);
  if (2n * rest > one || (2n * rest === one && kept % 2n === 1n)) kept++;
  // a carry out of the 53 digits is one of the exponent field: the bits are one number
  const bits = kept < HIDDEN ? kept : kept + (BigInt(exponent + cut + BIAS - 1) << 52n);
  if (bits >= 2047n << 52n) return integer < 0n ? -Infinity : Infinity;
  words[HIGH] = Number(bits >> 32n);
  words[LOW] = Number(bits & 0xffffffffn);
  return integer < 0n ? -number[0]! : number[0]!;
}
