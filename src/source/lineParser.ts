import { Buffer, isUtf8 } from 'node:buffer';
import { anything } from '../check/anything.js';
import { callable } from '../check/callable.js';
import { oneOf } from '../check/oneOf.js';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { positiveInteger } from '../check/positiveInteger.js';
import type { Demand } from '../flow/demand.js';
import type { Parser } from './parseChunks.js';
import { utf8 } from './utf8.js';

/** How lines are read. */
export interface LinesOptions {
  /** When to read on; without one, as fast as the call stack downstream allows. */
  readonly demand?: Demand;
  /** Longest line, in bytes without its ending; 1 MiB by default. A longer one is an error, so memory is bounded. */
  readonly maxLineBytes?: number;
  /** `error` (the default) fails at the first invalid byte; `replace` emits U+FFFD for each invalid sequence. */
  readonly invalid?: 'error' | 'replace';
  /** With `invalid: 'replace'`: called with the byte offset of each sequence replaced, to count or to warn. */
  readonly onInvalid?: (byte: number) => void;
}

/**
 * Checks the options of the function `who`, and makes parsers from bytes to lines for the source that errors call
 * `name`.
 */
export function lineParser(who: string, name: string, given: LinesOptions): () => Parser<Uint8Array, string> {
  options(who, given, {
    demand: anything,
    maxLineBytes: optional(positiveInteger),
    invalid: optional(oneOf('error', 'replace')),
    onInvalid: optional(callable),
  });
  const { maxLineBytes = 0x100000, invalid = 'error', onInvalid } = given;
  return () => {
    let chunk: Buffer = Buffer.alloc(0);
    let from = 0; // where the line continues in this chunk
    let begun: Buffer = Buffer.alloc(0); // its first `length` bytes, from earlier chunks
    let length = 0;
    let number = 1;
    let offset = 0; // of the line in the source
    let afterReturn = false; // an LF now would belong to the ending before
    let over = false;

    function cut(end: number, ending: number): string {
      let bytes = chunk.subarray(from, end);
      if (length > 0) {
        append(bytes);
        bytes = begun.subarray(0, length);
      }
      const text = decode(bytes);
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
    function decode(bytes: Buffer): string {
      if (isUtf8(bytes)) {
        const text = bytes.toString('utf8');
        return offset === 0 && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
      }
      // A line is whole, and an ending is never part of a sequence, so an invalid line gets its own decoder.
      const decoder = utf8({ start: offset, replace: invalid === 'replace', onInvalid });
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
        return last === '' ? undefined : last; // only a byte order mark
      },
    };
  };
}

const LF = 0x0a;
const CR = 0x0d;
