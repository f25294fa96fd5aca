import { showName } from '../check/showName.js';
import type { HalfDtype, Numbers } from '../types.js';

/**
 * The numbers as float16 or bfloat16, rounded to the nearest, ties to even, as torch rounds float32. `name` is theirs,
 * for a RangeError where one is not a number or would be rounded to infinity: in float16 from 65520 up.
 */
export function halves(name: string, dtype: HalfDtype, numbers: Numbers): Uint16Array {
  const single = Float32Array.from(numbers);
  const bits = new Uint32Array(single.buffer);
  const rounded = dtype === 'float16' ? roundToHalf : roundToBrain;
  const found = Uint16Array.from(bits, rounded);
  const most = dtype === 'float16' ? 0x7c00 : 0x7f80; // infinity
  for (let i = 0; i < found.length; i++) {
    if (Number.isNaN(single[i])) throw new RangeError(`${showName(name)} has no ${dtype}: number ${i} is NaN`);
    if ((found[i]! & 0x7fff) >= most) {
      throw new RangeError(`${showName(name)} is beyond the range of ${dtype}: number ${i} is ${numbers[i]}`);
    }
  }
  return found;
}

/** The float32 numbers that equal halves. */
export function widened(dtype: HalfDtype, numbers: Uint16Array): Float32Array {
  const bits = new Int32Array(numbers.length);
  const widen = dtype === 'float16' ? fromHalf : (half: number) => half << 16;
  for (let i = 0; i < numbers.length; i++) bits[i] = widen(numbers[i]!);
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
