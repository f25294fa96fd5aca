import type { Numbers } from '../types.js';

/**
 * Copies the numbers of a tensor out of a file into memory of their own: F64 and F32 to the bit, F16 and BF16 as the
 * float32 numbers that equal them; `undefined` for the other dtypes. The length of the bytes must fit the dtype.
 */
export function copyNumbers(dtype: string, bytes: Uint8Array): Numbers | undefined {
  const copy = new Uint8Array(bytes); // aligned, which the place in the file need not be
  if (dtype === 'F64') return new Float64Array(native(copy, 8).buffer);
  if (dtype === 'F32') return new Float32Array(native(copy, 4).buffer);
  if (dtype === 'F16') return widened(new Uint16Array(native(copy, 2).buffer), fromHalf);
  if (dtype === 'BF16') return widened(new Uint16Array(native(copy, 2).buffer), (bits) => bits << 16);
  return undefined;
}

const BIG_ENDIAN = new Uint16Array(Uint8Array.of(0, 1).buffer)[0] === 1;

/** Turns little-endian numbers into the machine's, in place. */
function native(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  if (BIG_ENDIAN) for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse();
  return bytes;
}

function widened(numbers: Uint16Array, bitsOf: (bits: number) => number): Float32Array {
  const bits = new Int32Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) bits[i] = bitsOf(numbers[i]!);
  return new Float32Array(bits.buffer);
}

/** The bits of the float32 that equals a half: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction. IEEE 754. */
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
