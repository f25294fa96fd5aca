import { parseJson } from '../check/parseJson.js';

/** Arrays of numbers by name. */
export type Arrays = Readonly<Record<string, Uint8Array | Uint16Array | Int32Array | Float64Array>>;

const NAME = 'rxrnn log state ';
const VERSION = 10;
const MAGIC = `${NAME}${VERSION}\n`;
/** Behind the magic: the checksum of all that follows it, in hexadecimal digits, and a line ending. */
const SUM = 9;

/**
 * Packs plain JSON and arrays into bytes: a line of magic, a line with a checksum, a line of JSON, and the arrays, whose
 * runs of equal bytes are written once: tables are empty for the most part, and counts are small.
 */
export function packState(meta: object, arrays: Arrays): Uint8Array {
  const sizes = Object.fromEntries(Object.entries(arrays).map(([name, { byteLength }]) => [name, byteLength]));
  const encoder = new TextEncoder();
  const pieces = [encoder.encode(`${JSON.stringify({ meta, sizes })}\n`), ...Object.values(arrays).map(packRuns)];
  const sum = pieces.reduce(checksum, NOTHING);
  pieces.unshift(encoder.encode(`${MAGIC}${digits(sum)}\n`));
  const bytes = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/**
 * Reads what `packState` packed: copies the arrays into those of the same names, which must have the same sizes, and returns
 * the JSON. A TypeError for bytes that are not such a state, are of another version or damaged; then nothing was copied.
 */
export function unpackState(who: string, bytes: Uint8Array, arrays: Arrays): unknown {
  const latin = (from: number, to: number): string => new TextDecoder('latin1').decode(bytes.subarray(from, to));
  if (latin(0, MAGIC.length) !== MAGIC) {
    const other = new RegExp(`^${NAME}(\\d{1,9})\\n`).exec(latin(0, 64))?.[1];
    throw new TypeError(
      other === undefined
        ? `${who}: state is not the state of a line scorer of this version`
        : `${who}: state is of version ${other} of line scorers, this one reads version ${VERSION}: begin without it`,
    );
  }
  const begin = MAGIC.length + SUM;
  if (latin(MAGIC.length, begin) !== `${digits(checksum(NOTHING, bytes.subarray(begin)))}\n`) {
    throw new TypeError(`${who}: state is damaged: its checksum is another`);
  }
  const end = bytes.indexOf(10, begin);
  // as it was packed: the checksum says so
  const { meta, sizes } = parseJson(`${who}: state`, new TextDecoder().decode(bytes.subarray(begin, end))) as {
    meta: unknown;
    sizes: Record<string, number>;
  };
  const names = Object.keys(arrays);
  const fits =
    names.length === Object.keys(sizes).length && names.every((name) => sizes[name] === arrays[name]!.byteLength);
  if (!fits) throw new TypeError(`${who}: state is of a scorer of another size`);
  let at = end + 1;
  for (const array of Object.values(arrays)) at = unpackRuns(bytes, at, array);
  return meta;
}

const LEAST_RUN = 4;
const MOST_LENGTH = 5; // bytes of a length

/**
 * The bytes of an array: the lowest byte of each number, then the next ones; in turns some bytes and a run of one byte, each
 * after its length in groups of seven bits, until there are as many as numbers.
 */
function packRuns(array: Arrays[string]): Uint8Array {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const { BYTES_PER_ELEMENT: stride, length } = array;
  const packed = new Uint8Array(bytes.length + stride * 2 * MOST_LENGTH);
  let to = 0;
  const writeLength = (n: number): void => {
    for (; n > 127; n >>>= 7) packed[to++] = (n & 127) | 128;
    packed[to++] = n;
  };
  for (let plane = 0; plane < stride; plane++) {
    let from = 0; // of the bytes that are not written yet
    for (let i = 0; i <= length;) {
      const one = i < length ? bytes[i * stride + plane]! : -1;
      let end = i + 1;
      while (end < length && bytes[end * stride + plane] === one) end += 1;
      if (i === length || end - i >= LEAST_RUN) {
        writeLength(i - from);
        for (; from < i; from++) packed[to++] = bytes[from * stride + plane]!;
        if (i === length) break;
        writeLength(end - i);
        packed[to++] = one;
        from = end;
        if (end === length) break;
      }
      i = end;
    }
  }
  return packed.slice(0, to);
}

/** Reads what `packRuns` made into an array; where it ends. */
function unpackRuns(packed: Uint8Array, at: number, array: Arrays[string]): number {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const { BYTES_PER_ELEMENT: stride, length } = array;
  const readLength = (): number => {
    let n = 0;
    for (let shift = 0; shift < 7 * MOST_LENGTH; shift += 7) {
      const one = packed[at++]!;
      n |= (one & 127) << shift;
      if (one < 128) break;
    }
    return n;
  };
  for (let plane = 0; plane < stride; plane++) {
    let i = 0;
    while (i < length) {
      for (const end = i + readLength(); i < end; i++) bytes[i * stride + plane] = packed[at++]!;
      if (i === length) break;
      const end = i + readLength();
      const one = packed[at++]!;
      for (; i < end; i++) bytes[i * stride + plane] = one;
    }
  }
  return at;
}

const NOTHING = 0x811c9dc5;

/** FNV-1a of 32 bits. */
function checksum(before: number, bytes: Uint8Array): number {
  let sum = before;
  for (let i = 0; i < bytes.length; i++) sum = Math.imul(sum ^ bytes[i]!, 0x01000193);
  return sum;
}

function digits(sum: number): string {
  return (sum >>> 0).toString(16).padStart(SUM - 1, '0');
}
