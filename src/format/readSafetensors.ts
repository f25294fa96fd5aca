import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { show } from '../check/show.js';
import type { Numbers, Tensor, Tensors } from '../types.js';
import { checkLayout } from './checkLayout.js';
import { copyNumbers } from './copyNumbers.js';
import { LONGEST_HEADER } from './limits.js';
import { parseHeader } from './parseHeader.js';
import { SafetensorsError } from './SafetensorsError.js';

/** How strictly a file is read. */
export interface ReadSafetensorsOptions {
  /** Refuses NaN and infinities, which the format itself allows; `false` by default. */
  readonly finite?: boolean;
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
 * F32 and F64 come back to the bit, F16 and BF16 as float32; other dtypes are refused once the file has proved well
 * formed. The numbers are copies. Whatever the bytes are, the only error is a `SafetensorsError`, and the
 * memory taken is in proportion to the bytes given.
 *
 * Stricter than the reference implementation (huggingface/safetensors, `tensor.rs`): duplicate keys, integers above
 * 2^53 − 1, more than 8 dimensions or 100,000 tensors are refused.
 */
export function readSafetensors(bytes: Uint8Array, options: ReadSafetensorsOptions = {}): SafetensorsFile {
  checkOptions('readSafetensors', options, { finite: optional(flag) });
  const start = 8 + headerLength(bytes);
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

/** The length of the header, from the first eight bytes; compared as a bigint, before it becomes a number. */
function headerLength(bytes: Uint8Array): number {
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
  const most = bytes.length - 8;
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
