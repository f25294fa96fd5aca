import type { HalfDtype, Numbers } from '../types.js';
import { checkHalves } from './checkHalves.js';

/** Numbers that are rounded at a time. */
const BLOCK = 4096;

/**
 * The numbers as float16 or bfloat16, rounded to the nearest, ties to even, as torch rounds float32. `name` is theirs,
 * for a RangeError as of `checkHalves`.
 */
export function halves(name: string, dtype: HalfDtype, numbers: Numbers): Uint16Array {
  checkHalves(name, dtype, numbers);
  const found = new Uint16Array(numbers.length);
  const { round } = conversions(dtype);
  eachBlock(numbers, (_, bits, start) => {
    for (let i = 0; i < bits.length; i++) found[start + i] = round(bits[i]!);
  });
  return found;
}

/** Writes to `to` the float32 numbers that equal the halves of numbers that `checkHalves` let pass. */
export function roundTo(to: Numbers, dtype: HalfDtype, numbers: Numbers): void {
  const { round, widen } = conversions(dtype);
  eachBlock(numbers, (block, bits, start) => {
    for (let i = 0; i < bits.length; i++) bits[i] = widen(round(bits[i]!));
    to.set(block, start);
  });
}

/** Hands on the numbers as float32 and their bits, a block at a time, so that many take no more memory than a few. */
function eachBlock(numbers: Numbers, take: (block: Numbers, bits: Int32Array, start: number) => void): void {
  const room = new Float32Array(Math.min(numbers.length, BLOCK));
  for (let start = 0; start < numbers.length; start += BLOCK) {
    const part = numbers.subarray(start, start + BLOCK);
    room.set(part);
    take(room.subarray(0, part.length), new Int32Array(room.buffer, 0, part.length), start);
  }
}

/** The float32 numbers that equal halves. */
export function widened(dtype: HalfDtype, numbers: Uint16Array): Float32Array {
  const bits = new Int32Array(numbers.length);
  const { widen } = conversions(dtype);
  for (let i = 0; i < bits.length; i++) bits[i] = widen(numbers[i]!);
  return new Float32Array(bits.buffer);
}

/** From the bits of a float32 to those of a half, and back. */
function conversions(dtype: HalfDtype): Record<'round' | 'widen', (bits: number) => number> {
  return dtype === 'float16'
    ? { round: roundToHalf, widen: fromHalf }
    : { round: roundToBrain, widen: (half) => half << 16 };
}

/** The upper half of a float32's bits, rounded. */
function roundToBrain(bits: number): number {
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** A half: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction. IEEE 754. */
function roundToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 255) - 112;
  const fraction = bits & 0x7fffff;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent < -10) return sign; // below half of the smallest
  const shift = exponent > 0 ? 13 : 14 - exponent;
  const kept = exponent > 0 ? (exponent << 23) | fraction : fraction | 0x800000; // rounding may carry to the exponent
  const half = kept >>> shift;
  const rest = kept & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return sign | (half + (rest > middle || (rest === middle && (half & 1) === 1) ? 1 : 0));
}

/** The bits of the float32 that equals a half. */
function fromHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13); // infinity, NaN
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  const shift = Math.clz32(fraction) - 21; // to bring the leading bit of a subnormal out of the fraction
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}
