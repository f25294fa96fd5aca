import { show } from '../check/show.js';
import { showName } from '../check/showName.js';
import { halves } from '../model/halves.js';
import type { HalfDtype, Numbers, Tensor, Tensors } from '../types.js';
import { LONGEST_HEADER, MOST_DIMENSIONS, MOST_TENSORS, MOST_TEXTS } from './limits.js';
import { littleEndian } from './littleEndian.js';

/**
 * Encodes tensors and texts as the bytes of a safetensors file, the same bytes for the same content.
 *
 * Eight bytes of header length, little-endian; the header, JSON padded with spaces to a multiple of 8; the numbers,
 * little-endian and row-major. float64 (`F64`) goes before float32 (`F32`), so that every tensor is aligned, and names
 * are in the order of their bytes, as in the reference implementation (huggingface/safetensors, `tensor.rs`); metadata
 * keeps its order and is left out where it is empty. With `dtype`, all numbers are rounded to it and written as `F16` or
 * `BF16`. The bytes are copies. Numbers that are not finite are written as
 * they are.
 *
 * RangeError for a shape that does not fit its numbers, a name that is empty, `__metadata__` or not well-formed
 * Unicode, a tensor of more than 8 dimensions, more than 10,000 tensors or texts, or a header above 20,000,000 bytes.
 */
export function safetensors(
  tensors: Tensors,
  metadata: Readonly<Record<string, string>>,
  { dtype: half }: { readonly dtype?: HalfDtype | undefined } = {},
): Uint8Array {
  if (tensors.size > MOST_TENSORS) {
    throw new RangeError(`safetensors: at most ${MOST_TENSORS} tensors go into a file, got ${tensors.size}`);
  }
  const entries = [...tensors].map(([name, tensor]) => entry(name, tensor, half)).toSorted(inOrder);
  const fields: string[] = [];
  const texts = Object.entries(metadata).map(([key, text]) => `${quoted(key)}:${quoted(text)}`);
  if (texts.length > MOST_TEXTS) {
    throw new RangeError(`safetensors: at most ${MOST_TEXTS} texts go into a file, got ${texts.length}`);
  }
  if (texts.length > 0) fields.push(`"__metadata__":{${texts.join(',')}}`);
  let end = 0;
  for (const { name, dtype, tensor, numbers } of entries) {
    const begin = end;
    end += numbers.byteLength;
    const shape = tensor.shape.join(',');
    fields.push(`${quoted(name)}:{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${begin},${end}]}`);
  }

  const header = new TextEncoder().encode(`{${fields.join(',')}}`);
  const length = Math.ceil(header.length / 8) * 8;
  if (length > LONGEST_HEADER) {
    throw new RangeError(`safetensors: the header must be at most ${LONGEST_HEADER} bytes long, got ${length}`);
  }
  const file = new Uint8Array(8 + length + end).fill(0x20, 8 + header.length, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(header, 8);
  let place = 8 + length;
  for (const { numbers } of entries) place = append(file, place, numbers);
  return file;
}

interface Entry {
  readonly name: string;
  /** The name as bytes, which is what the order goes by. */
  readonly bytes: Uint8Array;
  readonly dtype: 'F16' | 'BF16' | 'F32' | 'F64';
  readonly tensor: Tensor;
  /** What is written. */
  readonly numbers: Numbers | Uint16Array;
}

function entry(name: string, tensor: Tensor, half: HalfDtype | undefined): Entry {
  const { shape, data } = tensor;
  if (name === '' || name === '__metadata__') {
    throw new RangeError(`safetensors: a tensor's name must not be empty nor __metadata__, got ${quoted(name)}`);
  }
  const sizes = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  const product = shape.reduce((product, size) => product * size, 1);
  if (!sizes || shape.length > MOST_DIMENSIONS || product !== data.length) {
    const room = `its ${data.length} numbers in at most ${MOST_DIMENSIONS} dimensions`;
    throw new RangeError(`safetensors: the shape of ${showName(name)} must hold ${room}, got [${shape.join(', ')}]`);
  }
  const bytes = new TextEncoder().encode(name);
  if (half)
    return { name, bytes, dtype: half === 'float16' ? 'F16' : 'BF16', tensor, numbers: halves(name, half, data) };
  return { name, bytes, dtype: data instanceof Float64Array ? 'F64' : 'F32', tensor, numbers: data };
}

function inOrder(a: Entry, b: Entry): number {
  if (a.dtype !== b.dtype) return a.dtype === 'F64' ? -1 : 1;
  const length = Math.min(a.bytes.length, b.bytes.length);
  for (let i = 0; i < length; i++) if (a.bytes[i] !== b.bytes[i]) return a.bytes[i]! - b.bytes[i]!;
  return a.bytes.length - b.bytes.length;
}

/** A text as JSON; half a surrogate pair has no UTF-8. */
function quoted(text: string): string {
  if (/\p{Surrogate}/u.test(text)) {
    throw new RangeError(`safetensors: names and texts must be well-formed Unicode, got ${show(text)}`);
  }
  return JSON.stringify(text);
}

/** Writes a tensor's numbers, little-endian on every machine, and returns where they end. */
function append(file: Uint8Array, start: number, data: Numbers | Uint16Array): number {
  const end = start + data.byteLength;
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  littleEndian(file.subarray(start, end), data.BYTES_PER_ELEMENT);
  return end;
}
