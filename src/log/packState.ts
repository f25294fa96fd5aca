/** Arrays of numbers by name. */
export type Arrays = Readonly<Record<string, Uint8Array | Uint16Array | Int32Array | Float64Array>>;

const MAGIC = 'rxrnn log state 4\n';
/** Behind the magic: the checksum of all that follows it, in hexadecimal digits, and a line ending. */
const SUM = 9;

/**
 * Packs plain JSON and arrays into bytes: a line of magic, a line with a checksum, a line of JSON, and the arrays as they are
 * in memory.
 */
export function packState(meta: object, arrays: Arrays): Uint8Array {
  const pieces = Object.values(arrays).map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  const sizes = Object.fromEntries(Object.entries(arrays).map(([name, { byteLength }]) => [name, byteLength]));
  const encoder = new TextEncoder();
  pieces.unshift(encoder.encode(`${JSON.stringify({ meta, sizes })}\n`));
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
 * the JSON. A TypeError for bytes that are not such a state or are damaged; then nothing was copied.
 */
export function unpackState(who: string, bytes: Uint8Array, arrays: Arrays): unknown {
  const latin = (from: number, to: number): string => new TextDecoder('latin1').decode(bytes.subarray(from, to));
  if (latin(0, MAGIC.length) !== MAGIC) {
    throw new TypeError(`${who}: state is not the state of a line scorer of this version`);
  }
  const begin = MAGIC.length + SUM;
  if (latin(MAGIC.length, begin) !== `${digits(checksum(NOTHING, bytes.subarray(begin)))}\n`) {
    throw new TypeError(`${who}: state is damaged: its checksum is another`);
  }
  const end = bytes.indexOf(10, begin);
  // as it was packed: the checksum says so
  const { meta, sizes } = JSON.parse(new TextDecoder().decode(bytes.subarray(begin, end))) as {
    meta: unknown;
    sizes: Record<string, number>;
  };
  const names = Object.keys(arrays);
  const fits =
    names.length === Object.keys(sizes).length && names.every((name) => sizes[name] === arrays[name]!.byteLength);
  if (!fits) throw new TypeError(`${who}: state is of a scorer of another size`);
  let at = end + 1;
  for (const array of Object.values(arrays)) {
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(bytes.subarray(at, at + array.byteLength));
    at += array.byteLength;
  }
  return meta;
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
