import { flag } from '../check/flag.js';
import { checkBytes } from '../check/checkBytes.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { show } from '../check/show.js';
import { widened } from '../model/halves.js';
import type { Numbers, Tensor, Tensors } from '../types.js';
import { DTYPES } from './dtypes.js';
import { LONGEST_HEADER } from './limits.js';
import { littleEndian } from './littleEndian.js';
import { type Entry, parseHeader } from './parseHeader.js';
import { SafetensorsError, type SafetensorsReason } from './SafetensorsError.js';

/** How strictly a file is read. */
export interface ReadSafetensorsOptions {
  /** Refuses NaN and infinities, which the format itself allows; `false` by default. */
  readonly finite?: boolean | undefined;
}

/** What a safetensors file holds. */
export interface SafetensorsFile {
  /** By name, in the order of the header. */
  readonly tensors: Tensors;
  /** The texts under `__metadata__`, in their order; empty where there are none. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads the bytes of a safetensors file, or says why they are not one: the inverse of `safetensors`.
 *
 * F32 and F64 come back to the bit, F16 and BF16 as float32. One tensor of another dtype of the format (integers, BOOL,
 * C64, and floats of 4, 6 and 8 bits) refuses the whole file, once it has proved well formed: a part of a model is none.
 * The numbers are copies. Whatever the bytes are, the only error is a `SafetensorsError`, and the memory taken is in
 * proportion to the bytes given.
 *
 * The format's description (huggingface/safetensors, `README.md`) is taken at its word: the first byte of the header is
 * `{`, only the white space of JSON follows its end, and no key occurs twice. The reference implementation (`tensor.rs`)
 * is more lenient there, and these are refused too, which it accepts: fields of a tensor other than `dtype`, `shape` and
 * `data_offsets`; tensors as lists, `["F32", [1], [0, 4]]`; integers above 2^53 − 1; more than 8 dimensions, 10,000
 * tensors or 10,000 texts; a header above 20,000,000 bytes, before it is read (the reference reads 100,000,000).
 * `"__metadata__": null` counts as no metadata, as there.
 */
export function readSafetensors(bytes: Uint8Array, options: ReadSafetensorsOptions = {}): SafetensorsFile {
  options = checkOptions('readSafetensors', options, { finite: optional(flag) });
  checkBytes('readSafetensors', 'bytes', bytes);
  const start = 8 + headerLength(bytes, bytes.length);
  const { metadata, entries } = parseHeader(decoded(bytes.subarray(8, start)));
  checkLayout(entries, bytes.length - start);

  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, begin, end }] of entries) {
    const data = copyNumbers(dtype, bytes.subarray(start + begin, start + end));
    if (data === undefined) {
      throw new SafetensorsError(
        'unsupported-dtype',
        `tensor ${show(name)} is ${dtype}; F64, F32, F16 and BF16 can be read`,
      );
    }
    const bad = options.finite === true ? firstNotFinite(data) : -1;
    if (bad >= 0) {
      const message = `tensor ${show(name)} is not finite: number ${bad} is ${data[bad]}`;
      throw new SafetensorsError('not-finite', message, start + begin + (bad * (end - begin)) / data.length);
    }
    tensors.set(name, { shape, data });
  }
  return { tensors, metadata };
}

/**
 * Refuses a file of `size` bytes by its first nine, or all that there are of fewer: one that is too short, or whose header
 * is too long, ends after the file or does not begin as a header does.
 */
export function checkBeginning(first: Uint8Array, size: number): void {
  headerLength(first, size);
  if (first[8] !== 0x7b) throw new SafetensorsError('header-start', 'a header begins with {', 8);
}

/** The length of the header, from the first eight bytes; compared as a bigint, before it becomes a number. */
function headerLength(bytes: Uint8Array, size: number): number {
  if (bytes.length < 8) {
    throw new SafetensorsError('short', `a file begins with 8 bytes of header length, got ${bytes.length} in all`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(LONGEST_HEADER)) {
    throw new SafetensorsError(
      'header-length',
      `a header has at most ${LONGEST_HEADER} bytes, this one ${length}: is it a safetensors file?`,
      0,
    );
  }
  const most = size - 8;
  if (Number(length) > most) {
    throw new SafetensorsError('header-end', `the header has ${length} bytes, but only ${most} follow`, 0);
  }
  return Number(length);
}

function decoded(header: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    throw new SafetensorsError('utf-8', 'the header is not UTF-8');
  }
}

function firstNotFinite(numbers: Numbers): number {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i]!)) return i;
  return -1;
}

/**
 * Refuses tensors that do not fill the bytes after the header: each must be as long as its shape and dtype require, and
 * begin where the one before it ends, from the first byte to the last, without overlap or hole.
 */
function checkLayout(entries: ReadonlyMap<string, Entry>, length: number): void {
  let place = 0;
  for (const [name, { dtype, shape, begin, end }] of [...entries].toSorted(byPlace)) {
    const size = sizeOf(name, dtype, shape);
    if (end - begin !== size) {
      refuse(
        'size',
        name,
        `${dtype} of shape [${shape.join(', ')}] takes ${size} bytes, its offsets are ${begin}, ${end}`,
      );
    }
    if (begin < place) refuse('overlap', name, `begins at ${begin}, before the end of the tensor before it, ${place}`);
    if (begin > place) refuse('hole', name, `begins at ${begin}, the tensor before it ends at ${place}`);
    if (end > length) refuse('end', name, `ends at ${end}, but only ${length} bytes follow the header`);
    place = end;
  }
  if (place !== length) {
    throw new SafetensorsError('end', `the tensors end at ${place}, but ${length} bytes follow the header`);
  }
}

/** The bytes that a tensor takes. */
function sizeOf(name: string, dtype: string, shape: readonly number[]): number {
  // Products above 2^53 − 1 are never rounded to below it, so each step can be checked after it is taken.
  let bits = DTYPES.get(dtype)!;
  for (const side of shape) {
    bits *= side;
    if (bits > Number.MAX_SAFE_INTEGER) refuse('overflow', name, `shape [${shape.join(', ')}] is too large`);
  }
  if (bits % 8 !== 0) refuse('size', name, `${dtype} of shape [${shape.join(', ')}] does not fill its last byte`);
  return bits / 8;
}

function byPlace([, a]: readonly [string, Entry], [, b]: readonly [string, Entry]): number {
  return a.begin - b.begin || a.end - b.end;
}

function refuse(reason: SafetensorsReason, name: string, message: string): never {
  throw new SafetensorsError(reason, `tensor ${show(name)}: ${message}`);
}

/**
 * Copies the numbers of a tensor out of a file into memory of their own: F64 and F32 to the bit, F16 and BF16 as the
 * float32 numbers that equal them; `undefined` for the other dtypes. The length of the bytes must fit the dtype.
 */
function copyNumbers(dtype: string, bytes: Uint8Array): Numbers | undefined {
  const copy = new Uint8Array(bytes); // aligned, which the place in the file need not be
  if (dtype === 'F64') return new Float64Array(littleEndian(copy, 8).buffer);
  if (dtype === 'F32') return new Float32Array(littleEndian(copy, 4).buffer);
  if (dtype === 'F16') return widened('float16', new Uint16Array(littleEndian(copy, 2).buffer));
  if (dtype === 'BF16') return widened('bfloat16', new Uint16Array(littleEndian(copy, 2).buffer));
  return undefined;
}
