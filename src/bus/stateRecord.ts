// What the bus keeps for each key, or partition, beside its state.
import { Buffer } from 'node:buffer';
import { plainBytes } from './plainBytes.js';

/** The state of a key as it was committed. */
export interface StateRecord {
  /** The sequence number of the last frame that the state has. */
  readonly source: number;
  /** The number of the model that made it. */
  readonly epoch: number;
  /** The sequence number of the last output of the key; 0 for none. */
  readonly out: number;
  /** How many values of the key the state has. */
  readonly count: number;
  /** The encoded state; `undefined` where no value could be processed yet. */
  readonly state: Uint8Array | undefined;
  /** The hash of the blob that holds the state instead. */
  readonly blob: string | undefined;
}

const HEADER = 30;
const VERSION = 1;
const KINDS = { none: 0, inline: 1, blob: 2 } as const;

/** Encodes a record: 30 bytes and the state. */
export function encodeRecord({ source, epoch, out, count, state, blob }: StateRecord): Uint8Array {
  const content = blob === undefined ? (state ?? new Uint8Array()) : Buffer.from(blob, 'hex');
  const bytes = Buffer.allocUnsafe(HEADER + content.length);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeUInt8(blob === undefined ? (state ? KINDS.inline : KINDS.none) : KINDS.blob, 1);
  bytes.writeUInt32LE(epoch, 2);
  bytes.writeDoubleLE(source, 6);
  bytes.writeDoubleLE(out, 14);
  bytes.writeDoubleLE(count, 22);
  bytes.set(content, HEADER);
  return bytes;
}

/** Decodes a record; a RangeError where the bytes are not a record. */
export function decodeRecord(data: Uint8Array): StateRecord {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (bytes.length < HEADER || bytes.readUInt8(0) !== VERSION) {
    throw new RangeError('a state of the bus is of another format or version');
  }
  const kind = bytes.readUInt8(1);
  const content = bytes.subarray(HEADER);
  const [source, out, count] = [6, 14, 22].map((at) => bytes.readDoubleLE(at)) as [number, number, number];
  const numbers = [source, out + 1, count]; // `out` is -1 where the log is to be asked
  if (kind > KINDS.blob || !numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) {
    throw new RangeError('a state of the bus has a kind or numbers that no worker writes');
  }
  return {
    epoch: bytes.readUInt32LE(2),
    source,
    out,
    count,
    state: kind === KINDS.inline ? plainBytes(content) : undefined,
    blob: kind === KINDS.blob ? content.toString('hex') : undefined,
  };
}
