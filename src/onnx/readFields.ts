import { OnnxError } from './OnnxError.js';

/** One field of a message: a number of up to 64 bits, or bytes that lie from `at` on in the file. */
export interface Field {
  readonly field: number;
  /** Where the field begins in the file. */
  readonly at: number;
  /** The number of a varint, or the bits of a float. */
  readonly number: bigint;
  /** The bytes of a text, a message, or packed numbers. */
  readonly bytes: Uint8Array | undefined;
  readonly budget: FieldBudget;
}

/** How many fields of a file, and integers packed in one, may still be read. */
export interface FieldBudget {
  left: number;
}

/** The most fields of a file, a limit of our own: each costs about a microsecond, and a thousand layers have 100,000. */
const MOST_FIELDS = 200_000;

/**
 * Reads the fields of a message of protocol buffers, one after another. `base` is where the bytes lie in the file, and the
 * budget is that of the whole file; an OnnxError where a file has more fields.
 */
export function* readFields(
  bytes: Uint8Array,
  base = 0,
  budget: FieldBudget = { left: MOST_FIELDS },
): Generator<Field, void, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= bytes.length) throw new OnnxError('the file ends within a number', base + at);
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw new OnnxError('a number is longer than 64 bits', base + at);
  };
  /** A tag or a length: the same without big integers, which take most of the time; too large a number is still too large. */
  const size = (): number => {
    let value = 0;
    for (let unit = 1; unit < 2 ** 70; unit *= 128) {
      if (at >= bytes.length) throw new OnnxError('the file ends within a number', base + at);
      const byte = bytes[at++]!;
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
    throw new OnnxError('a number is longer than 64 bits', base + at);
  };
  while (at < bytes.length) {
    const start = at;
    const tag = size();
    const [field, kind] = [Math.floor(tag / 8), tag % 8];
    spend(budget, base + start);
    if (field === 0) throw new OnnxError('a field has the number 0', base + start);
    if (kind === 0) yield { field, at: base + start, number: varint(), bytes: undefined, budget };
    else if (kind === 1 || kind === 5) {
      const width = kind === 1 ? 8 : 4;
      if (at + width > bytes.length) throw new OnnxError('the file ends within a number', base + start);
      const number = kind === 1 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true));
      at += width;
      yield { field, at: base + start, number, bytes: undefined, budget };
    } else if (kind === 2) {
      const length = size();
      if (length > bytes.length - at) {
        throw new OnnxError(`a field of ${length} bytes is longer than what is left of the file`, base + start);
      }
      const from = at;
      at += length;
      yield { field, at: base + from, number: 0n, bytes: bytes.subarray(from, at), budget };
    } else throw new OnnxError(`a field has the unknown wire type ${kind}`, base + start);
  }
}

/** Takes one field or packed integer from what may still be read; an OnnxError where nothing is left. */
export function spend(budget: FieldBudget, at: number): void {
  if (budget.left-- > 0) return;
  const way = 'numbers belong into raw_data';
  throw new OnnxError(`a file has at most ${MOST_FIELDS} fields and packed integers; ${way}`, at);
}
