import { Buffer, isUtf8 } from 'node:buffer';
import { callable } from '../check/callable.js';
import { oneOf } from '../check/oneOf.js';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { checkDemand } from '../flow/checkDemand.js';
import type { Demand } from '../flow/demand.js';
import { keepInvalid } from './keepInvalid.js';
import type { Parser } from './parseChunks.js';
import { utf8 } from './utf8.js';

/** How lines are read. */
export interface LinesOptions {
  /** When to read on; without one, as fast as the call stack downstream allows. */
  readonly demand?: Demand | undefined;
  /** Longest line, in bytes without its ending; 1 MiB by default. No more of a line is kept, so memory is bounded. */
  readonly maxLineBytes?: number | undefined;
  /**
   * What becomes of a longer line: `error` (the default) fails, `cut` emits its first `maxLineBytes` bytes without a
   * character that the cut would split, `skip` leaves it out.
   */
  readonly onLong?: 'error' | 'cut' | 'skip' | undefined;
  /** With `onLong` of `cut` or `skip`: called with the number of each longer line, from 1, to count or to warn. */
  readonly longLine?: ((line: number) => void) | undefined;
  /**
   * `error` (the default) fails at the first invalid byte; `replace` emits U+FFFD for each invalid sequence; `keep` emits
   * each byte of one as a lone surrogate, U+DC80 to U+DCFF, from which it can be had again.
   */
  readonly invalid?: 'error' | 'replace' | 'keep' | undefined;
  /** With `invalid: 'replace'`: called with the byte offset of each sequence replaced, to count or to warn. */
  readonly onInvalid?: ((byte: number) => void) | undefined;
}

/** A parser from bytes to lines. */
export interface LineParser extends Parser<Uint8Array, string> {
  /** Offset after the line that was taken last; where it lies between CR and LF, the LF belongs to that line. */
  place(): number;
}

/**
 * Checks the options of the function `who`, and makes parsers from bytes to lines for the source that errors call
 * `name`. A parser may begin within the source, at the beginning of a line; its errors then name no line.
 */
export function lineParser(who: string, name: string, given: LinesOptions): (start?: number) => LineParser {
  given = options(who, given, {
    demand: optional(checkDemand),
    maxLineBytes: optional(positiveInteger),
    onLong: optional(oneOf('error', 'cut', 'skip')),
    longLine: optional(callable),
    invalid: optional(oneOf('error', 'replace', 'keep')),
    onInvalid: optional(callable),
  });
  const { maxLineBytes = 0x100000, onLong = 'error', longLine, invalid = 'error', onInvalid } = given;
  return (start = 0) => {
    let chunk: Buffer = Buffer.alloc(0);
    let from = 0; // where the line continues in this chunk
    let begun: Buffer = Buffer.alloc(0); // its first `length` bytes, from earlier chunks
    let length = 0;
    let dropped = 0; // bytes of the line beyond those
    let number = 1;
    let offset = start; // of the line in the source
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
    /** Ends a line that is too long: what is emitted of it, if anything. */
    function long(ending: number): string | undefined {
      longLine?.(number);
      const text = onLong === 'cut' ? decode(begun.subarray(0, wholeCharacters(begun, length))) : undefined;
      offset += length + dropped + ending;
      from += ending;
      length = dropped = 0;
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
      if (invalid === 'keep') return keepInvalid(bytes);
      // A line is whole, and an ending is never part of a sequence, so an invalid line gets its own decoder.
      const decoder = utf8({ start: offset, replace: invalid === 'replace', onInvalid });
      const text = decoder.decode(bytes) + decoder.decode(undefined);
      if (decoder.invalid < 0) return text;
      throw new RangeError(`${where()}: invalid UTF-8 at byte ${decoder.invalid}`);
    }
    /** Where the line is longer than it may be, keeps its beginning alone and drops the rest of it up to `end`. */
    function check(end: number): void {
      if (dropped === 0 && length + end - from <= maxLineBytes) return;
      if (onLong === 'error') {
        throw new RangeError(`${where()}: longer than ${maxLineBytes} bytes (maxLineBytes)`);
      }
      const kept = maxLineBytes - length;
      append(chunk.subarray(from, from + kept));
      dropped += end - from - kept;
      from = end;
    }
    function where(): string {
      return start === 0 ? `${name}, line ${number}` : name;
    }
    return {
      place: () => offset,
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
          const line = dropped > 0 ? long(1) : cut(i, 1);
          if (line !== undefined) return line;
          if (from === chunk.length) break;
          afterReturn = false; // the byte after the ending is here
          if (byte === CR && chunk[from] === LF) {
            i++;
            from++;
            offset++;
          }
        }
        check(chunk.length);
        if (!over || length === 0) return undefined;
        if (dropped > 0) return long(0);
        const last = cut(chunk.length, 0);
        return last === '' ? undefined : last; // only a byte order mark
      },
    };
  };
}

/** How many of the first `length` bytes are left without a sequence that has begun and not ended. */
function wholeCharacters(bytes: Uint8Array, length: number): number {
  for (let at = length - 1; at >= Math.max(0, length - 3); at--) {
    const byte = bytes[at]!;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const size = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return at + size > length ? at : length;
  }
  return length;
}

const LF = 0x0a;
const CR = 0x0d;
