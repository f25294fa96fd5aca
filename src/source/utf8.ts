import { Buffer, isUtf8 } from 'node:buffer';

/** Decodes the UTF-8 of one source, chunk after chunk. */
export interface Utf8Decoder {
  /** The text of a chunk, with what was held back of the last one; `undefined` is the end. Never half a code point. */
  decode(chunk: Uint8Array | undefined): string;
  /** Offset in the source of the first byte that begins no valid sequence, or -1; no text follows it. */
  readonly invalid: number;
  /** Offset in the source of the first byte whose text was not returned. */
  readonly offset: number;
}

/** How a source of UTF-8 is decoded. */
export interface Utf8Options {
  /** Offset of the first byte; 0 by default. A byte order mark at offset 0 is dropped, and kept elsewhere. */
  readonly start?: number | undefined;
  /** Replaces invalid sequences with U+FFFD, as the encoding standard does, instead of stopping before the first. */
  readonly replace?: boolean | undefined;
  /** Called with the offset of each sequence that is replaced. */
  readonly onInvalid?: ((byte: number) => void) | undefined;
}

/**
 * Makes a streaming decoder that returns the same text however the bytes are cut into chunks.
 *
 * Instead of throwing it stops: the text before the first invalid byte is still returned, then `invalid` is set.
 */
export function utf8(options: Utf8Options = {}): Utf8Decoder {
  const { start = 0, replace = false, onInvalid } = options;
  let tail: Uint8Array = NONE; // the beginning of a sequence that the next chunk may complete
  let offset = start; // of the tail
  let begun = start > 0;
  let invalid = -1;

  function text(bytes: Uint8Array): string {
    const decoded = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    if (begun || decoded === '') return decoded;
    begun = true;
    return decoded.charCodeAt(0) === 0xfeff ? decoded.slice(1) : decoded;
  }
  return {
    get invalid() {
      return invalid;
    },
    get offset() {
      return offset;
    },
    decode(chunk) {
      if (invalid >= 0) return '';
      const bytes = chunk === undefined ? tail : tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
      const end = chunk === undefined ? bytes.length : complete(bytes);
      const whole = bytes.subarray(0, end);
      const from = offset;
      tail = new Uint8Array(bytes.subarray(end)); // a copy: the chunk is not ours
      offset += end;
      if (isUtf8(whole)) return text(whole);
      if (!replace) {
        const valid = firstInvalid(whole, 0);
        invalid = from + valid;
        return text(whole.subarray(0, valid));
      }
      if (onInvalid !== undefined) {
        for (let i = firstInvalid(whole, 0); i < end; i = firstInvalid(whole, i - sequence(whole, i))) {
          onInvalid(from + i);
        }
      }
      return text(whole);
    },
  };
}

const NONE = new Uint8Array(0);

/** The first index from `at` on that does not lie inside a sequence: at most 3 further, whatever the bytes are. */
export function boundary(bytes: Uint8Array, at: number): number {
  let i = at;
  while (i < bytes.length && i < at + 3 && (bytes[i]! & 0xc0) === 0x80) i++;
  return i;
}

/** The index of the last sequence if the end of the bytes may have cut it, otherwise their length. */
function complete(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let i = length - 1; i >= 0 && i >= length - 3; i--) {
    const byte = bytes[i]!;
    if (byte < 0x80) return length;
    if (byte < 0xc0) continue;
    const needed = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return i + needed > length ? i : length;
  }
  return length;
}

function firstInvalid(bytes: Uint8Array, from: number): number {
  let i = from;
  while (i < bytes.length) {
    const length = sequence(bytes, i);
    if (length < 0) return i;
    i += length;
  }
  return i;
}

/** Length of the valid sequence at `i`, or minus the length of what one U+FFFD replaces (Unicode, table 3-7). */
export function sequence(bytes: Uint8Array, i: number): number {
  const first = bytes[i]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return -1;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  let low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  let high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  for (let k = 1; k < length; k++) {
    const next = bytes[i + k]; // undefined past the end, which is in no range
    if (next === undefined || next < low || next > high) return -k;
    low = 0x80;
    high = 0xbf;
  }
  return length;
}
