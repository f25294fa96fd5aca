import { Buffer, isUtf8 } from 'node:buffer';
import type { LinesOptions } from './lines.js';
import type { Parser } from './parsed.js';
import { utf8 } from './utf8.js';
import { utf8Options } from './utf8Options.js';

/** Checks the options, in the name of `caller`, and makes parsers from bytes to lines for the source `name`. */
export function lineParser(caller: string, name: string, options: LinesOptions): () => Parser<Uint8Array, string> {
  const { maxLineBytes = 0x100000, invalid = 'error', onInvalid } = options;
  if (!(Number.isInteger(maxLineBytes) && maxLineBytes >= 1)) {
    throw new RangeError(`${caller}: maxLineBytes must be a positive integer, got ${maxLineBytes}`);
  }
  const decoding = utf8Options(caller, invalid, onInvalid);
  return () => {
    let chunk: Buffer = Buffer.alloc(0);
    let from = 0; // where the line goes on in this chunk
    let begun: Buffer = Buffer.alloc(0); // what earlier chunks hold of it: the first `length` bytes
    let length = 0;
    let number = 1;
    let offset = 0; // of the line in the source
    let afterReturn = false; // a LF now would belong to the ending before
    let over = false;

    function cut(end: number, ending: number): string {
      let bytes = chunk.subarray(from, end);
      if (length > 0) {
        append(bytes);
        bytes = begun.subarray(0, length);
      }
      const text = decoded(bytes);
      offset += bytes.length + ending;
      from = end + ending;
      length = 0;
      number++;
      return text;
    }
    function append(bytes: Uint8Array): void {
      if (length + bytes.length > begun.length) {
        begun = Buffer.concat([begun.subarray(0, length)], 2 * (length + bytes.length));
      }
      begun.set(bytes, length);
      length += bytes.length;
    }
    function decoded(bytes: Buffer): string {
      if (isUtf8(bytes)) {
        const text = bytes.toString('utf8');
        return offset === 0 && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
      }
      // A line is whole, and no ending is part of a sequence, so a bad one has a decoder of its own.
      const decoder = utf8({ ...decoding, start: offset });
      const text = decoder.decode(bytes) + decoder.decode(undefined);
      if (decoder.invalid < 0) return text;
      throw new RangeError(`${name}, line ${number}: invalid UTF-8 at byte ${decoder.invalid}`);
    }
    function check(end: number): void {
      if (length + end - from <= maxLineBytes) return;
      throw new RangeError(`${name}, line ${number}: longer than ${maxLineBytes} bytes (maxLineBytes)`);
    }
    return {
      push(next) {
        if (from < chunk.length) append(chunk.subarray(from));
        chunk =
          next === undefined ? chunk.subarray(chunk.length) : Buffer.from(next.buffer, next.byteOffset, next.length);
        from = 0;
        over = next === undefined;
      },
      take() {
        if (afterReturn && from < chunk.length) {
          afterReturn = false;
          if (chunk[from] === LF) {
            from++;
            offset++;
          }
        }
        for (let i = from; i < chunk.length; i++) {
          const byte = chunk[i]!;
          if (byte !== LF && byte !== CR) continue;
          check(i);
          afterReturn = byte === CR;
          return cut(i, 1);
        }
        check(chunk.length);
        if (!over || length === 0) return undefined;
        const last = cut(chunk.length, 0);
        return last === '' ? undefined : last; // nothing but a byte order mark
      },
    };
  };
}

const LF = 0x0a;
const CR = 0x0d;
