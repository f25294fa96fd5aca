// What entries hold: frames of several values of one key, so that the cost of a message is shared by 64 to 256 tokens.
// All numbers are little endian; sequence numbers and counts are 64-bit floats, which hold integers up to 2 ** 53.
import { plainBytes } from './plainBytes.js';
import { Buffer } from 'node:buffer';
import { keySubject, subjectKey } from './keySubject.js';

/** Values that came in under one key, in their order. */
export interface InFrame {
  readonly key: string;
  readonly values: readonly Uint8Array[];
}

/** What one frame of values became. */
export interface OutPart {
  /** The sequence number of the frame that came in. */
  readonly source: number;
  /** The number of its first value in the stream of the key, from 1. */
  readonly first: number;
  /** A result per value; `undefined` for one that could not be processed. */
  readonly values: readonly (Uint8Array | undefined)[];
}

/** Results of one key, in their order. */
export interface OutFrame {
  readonly key: string;
  readonly parts: readonly OutPart[];
}

/** The length that stands for no result. */
const NONE = 0xffff_ffff;
/** Bytes of a part before its values, and of a value before its bytes. */
export const PART_BYTES = 20;
export const VALUE_BYTES = 4;

/** Bytes of a key in a frame: 2 where the subject has it, since it is not written again. */
export function keyBytes(key: string, subject: string): number {
  return subject.startsWith('k') ? 2 : 2 + Buffer.byteLength(key);
}

/** Encodes values that came in. */
export function encodeIn({ key, values }: InFrame, subject: string): Uint8Array {
  const size = values.reduce((sum, { length }) => sum + VALUE_BYTES + length, keyBytes(key, subject));
  const frame = Buffer.allocUnsafe(size);
  let at = writeKey(frame, key, subject);
  for (const value of values) at = writeValue(frame, at, value);
  return frame;
}

/** Decodes values that came in; a RangeError where the bytes are not such a frame, or not of the subject's key. */
export function decodeIn(subject: string, data: Uint8Array): InFrame {
  const frame = Buffer.from(data.buffer, data.byteOffset, data.length);
  const values: Uint8Array[] = [];
  const [key, start] = readKey(frame, subject);
  if (keySubject(key) !== subject) fail('its subject is not that of its key');
  for (let at = start; at < frame.length;) {
    const value = readValue(frame, at);
    values.push(value ?? fail('a value is missing'));
    at += VALUE_BYTES + value!.length;
  }
  return { key, values };
}

/** Encodes results. */
export function encodeOut({ key, parts }: OutFrame, subject: string): Uint8Array {
  let size = keyBytes(key, subject);
  for (const { values } of parts) {
    size += PART_BYTES;
    for (const value of values) size += VALUE_BYTES + (value?.length ?? 0);
  }
  const frame = Buffer.allocUnsafe(size);
  let at = writeKey(frame, key, subject);
  for (const { source, first, values } of parts) {
    frame.writeDoubleLE(source, at);
    frame.writeDoubleLE(first, at + 8);
    frame.writeUInt32LE(values.length, at + 16);
    at += PART_BYTES;
    for (const value of values) at = writeValue(frame, at, value);
  }
  return frame;
}

/** Decodes results; a RangeError where the bytes are not such a frame. */
export function decodeOut(subject: string, data: Uint8Array): OutFrame {
  const frame = Buffer.from(data.buffer, data.byteOffset, data.length);
  const parts: OutPart[] = [];
  const [key, start] = readKey(frame, subject);
  for (let at = start; at < frame.length;) {
    if (at + PART_BYTES > frame.length) fail('a part is cut');
    const source = frame.readDoubleLE(at);
    const first = frame.readDoubleLE(at + 8);
    const count = frame.readUInt32LE(at + 16);
    at += PART_BYTES;
    if (count > frame.length) fail('a part is cut');
    if (![source, first].every((number) => Number.isSafeInteger(number) && number > 0)) fail('its numbers are none');
    const values = Array.from({ length: count }, () => {
      const value = readValue(frame, at);
      at += VALUE_BYTES + (value?.length ?? 0);
      return value;
    });
    parts.push({ source, first, values });
  }
  return { key, parts };
}

function writeKey(frame: Buffer, key: string, subject: string): number {
  const length = keyBytes(key, subject) - 2;
  frame.writeUInt16LE(length === 0 ? 0 : Math.min(length, 0xffff), 0);
  if (length > 0) frame.write(key, 2);
  return 2 + length;
}

function readKey(frame: Buffer, subject: string): [key: string, end: number] {
  if (frame.length < 2) fail('it has no key');
  const length = frame.readUInt16LE(0);
  if (2 + length > frame.length) fail('its key is cut');
  return [subjectKey(subject) ?? frame.toString('utf8', 2, 2 + length), 2 + length];
}

function writeValue(frame: Buffer, at: number, value: Uint8Array | undefined): number {
  frame.writeUInt32LE(value?.length ?? NONE, at);
  if (value) frame.set(value, at + VALUE_BYTES);
  return at + VALUE_BYTES + (value?.length ?? 0);
}

function readValue(frame: Buffer, at: number): Uint8Array | undefined {
  if (at + VALUE_BYTES > frame.length) fail('a value is cut');
  const length = frame.readUInt32LE(at);
  if (length === NONE) return undefined;
  if (at + VALUE_BYTES + length > frame.length) fail('a value is cut');
  return plainBytes(frame.subarray(at + VALUE_BYTES, at + VALUE_BYTES + length));
}

function fail(reason: string): never {
  throw new RangeError(`an entry of the bus is not a frame: ${reason}`);
}
