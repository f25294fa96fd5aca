import { Buffer } from 'node:buffer';
import { createHash, randomFillSync } from 'node:crypto';
import { plainBytes } from './plainBytes.js';

/** An entry of a batch; data is `undefined` where the name was removed. */
interface BatchEntry {
  readonly seq: number;
  readonly name: string;
  readonly data: Uint8Array | undefined;
  /** Where the data is in its file. */
  readonly offset: number;
}

/** An entry that is to be stored. */
export type NewEntry = Pick<BatchEntry, 'seq' | 'name' | 'data'>;

/** Entries that were stored together. */
export interface Batch {
  /** The sequence number after its last entry. */
  readonly next: number;
  readonly entries: readonly BatchEntry[];
  readonly path: string;
  /** What no other batch has. */
  readonly id: string;
}

const MAGIC = 'rxb2';
const HEADER = 4 + 4 + 8 + 8 + 16; // magic, count, next, random bytes, digest
const RANDOM = 16;
const DIGEST = 24;
const ENTRY = 8 + 2 + 4; // number, length of the name, length of the data
const GONE = 0xffff_ffff; // in place of the length of the data
/** The largest batch, in bytes: 1 GiB. What is larger is not read, and not written. */
export const LARGEST_BATCH = 0x4000_0000;

/** Bytes that are not a batch as it was written. */
export class NotWhole extends Error {}

/**
 * Encodes the entries of a batch, after which the number `next` follows; a RangeError where they are more than 1 GiB.
 *
 * In little-endian order: `rxb2`, the number of entries, `next`, 8 random bytes, the first half of the SHA-256 of all that
 * comes before and after it; of each entry its number, the lengths of its name and data, and both.
 */
export function encodeBatch(next: number, entries: readonly NewEntry[]): Buffer {
  const size = entries.reduce((sum, { name, data }) => sum + ENTRY + name.length + (data?.length ?? 0), HEADER);
  if (size > LARGEST_BATCH) {
    throw new RangeError(
      `fileBus: a batch of ${size} bytes is too large, at most ${LARGEST_BATCH}; store less at once`,
    );
  }
  const bytes = Buffer.allocUnsafe(size);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt32LE(entries.length, 4);
  bytes.writeDoubleLE(next, 8);
  let at = HEADER;
  for (const { seq, name, data } of entries) {
    bytes.writeDoubleLE(seq, at);
    bytes.writeUInt16LE(name.length, at + 8);
    bytes.writeUInt32LE(data?.length ?? GONE, at + 10);
    bytes.write(name, at + ENTRY, 'latin1');
    at += ENTRY + name.length;
    if (data) bytes.set(data, at);
    at += data?.length ?? 0;
  }
  randomFillSync(bytes, RANDOM, DIGEST - RANDOM);
  digest(bytes).copy(bytes, DIGEST, 0, HEADER - DIGEST);
  return bytes;
}

/** Decodes what `encodeBatch` made; `NotWhole` for anything else. */
export function decodeBatch(path: string, bytes: Buffer): Batch {
  const whole = bytes.length >= HEADER && bytes.toString('latin1', 0, 4) === MAGIC;
  if (
    !whole ||
    !digest(bytes)
      .subarray(0, HEADER - DIGEST)
      .equals(bytes.subarray(DIGEST, HEADER))
  )
    throw new NotWhole();
  const entries: BatchEntry[] = [];
  let at = HEADER;
  for (let left = bytes.readUInt32LE(4); left > 0; left--) {
    const name = bytes.toString('latin1', at + ENTRY, at + ENTRY + bytes.readUInt16LE(at + 8));
    const length = bytes.readUInt32LE(at + 10);
    const offset = at + ENTRY + name.length;
    const data = length === GONE ? undefined : plainBytes(bytes.subarray(offset, offset + length));
    entries.push({ seq: bytes.readDoubleLE(at), name, data, offset });
    at = offset + (data?.length ?? 0);
  }
  return { next: bytes.readDoubleLE(8), entries, path, id: bytes.toString('hex', RANDOM, DIGEST) };
}

/** The digest of what comes before and after its place. */
function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes.subarray(0, DIGEST)).update(bytes.subarray(HEADER)).digest();
}
