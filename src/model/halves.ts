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
  eachBlock(numbers, (block, start) => {
    const bits = new Int32Array(block.buffer, 0, block.length);
    if (dtype === 'float16') for (let i = 0; i < bits.length; i++) found[start + i] = roundToHalf(bits[i]!);
    else for (let i = 0; i < bits.length; i++) found[start + i] = roundToBrain(bits[i]!);
  });
  return found;
}

/** Writes to `to` the float32 numbers that equal the halves of numbers that `checkHalves` let pass. */
export function roundTo(to: Numbers, dtype: HalfDtype, numbers: Numbers): void {
  eachBlock(numbers, (block, start) => {
    const bits = new Int32Array(block.buffer, 0, block.length);
    if (dtype === 'float16') for (let i = 0; i < bits.length; i++) bits[i] = fromHalf(roundToHalf(bits[i]!));
    else for (let i = 0; i < bits.length; i++) bits[i] = roundToBrain(bits[i]!) << 16;
    to.set(block, start);
  });
}

/** Hands on the numbers as float32, a block at a time, so that many of them take no more memory than a few. */
function eachBlock(numbers: Numbers, take: (block: Float32Array<ArrayBuffer>, start: number) => void): void {
  const room = new Float32Array(Math.min(numbers.length, BLOCK));
  for (let start = 0; start < numbers.length; start += BLOCK) {
    const part = numbers.subarray(start, start + BLOCK);
    room.set(part);
    take(room.subarray(0, part.length), start);
  }
}

/** The float32 numbers that equal halves. */
export function widened(dtype: HalfDtype, numbers: Uint16Array): Float32Array {
  const bits = new Int32Array(numbers.length);
  if (dtype === 'float16') for (let i = 0; i < bits.length; i++) bits[i] = fromHalf(numbers[i]!);
  else for (let i = 0; i < bits.length; i++) bits[i] = numbers[i]! << 16;
  return new Float32Array(bits.buffer);
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
