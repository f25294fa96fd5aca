import type { Parser } from './parsed.js';
import { utf8 } from './utf8.js';
import { utf8Options } from './utf8Options.js';

/** How bytes become code points. */
export interface CharacterOptions {
  /** `lf` turns CRLF and lone CR into LF; `keep` (the default) leaves line endings as they are. */
  readonly newline?: 'keep' | 'lf';
  /** `error` (the default) ends at the first byte that is not UTF-8; `replace` puts U+FFFD for each bad sequence. */
  readonly invalid?: 'error' | 'replace';
  /** With `invalid: 'replace'`: called with the byte offset of each sequence replaced, to count and to warn. */
  readonly onInvalid?: (byte: number) => void;
}

/** A parser that tells where it stands. */
export interface CharacterParser extends Parser<Uint8Array, string> {
  /**
   * The offset of a byte that begins a code point, and how many code points from there were taken: bytes that became
   * one code point together (CRLF, a bad sequence) lie on one side of it.
   */
  place(): readonly [byte: number, taken: number];
}

/**
 * Checks the options, in the name of `caller`, and makes parsers from bytes to code points for the source `name`;
 * `start` is the offset of the first byte in it, and the first `taken` code points are passed over.
 */
export function characters(
  caller: string,
  name: string,
  options: CharacterOptions,
): (start?: number, taken?: number) => CharacterParser {
  const { newline = 'keep', invalid = 'error', onInvalid } = options;
  if (newline !== 'keep' && newline !== 'lf') {
    throw new RangeError(`${caller}: newline must be 'keep' or 'lf', got ${JSON.stringify(newline)}`);
  }
  const decoding = utf8Options(caller, invalid, onInvalid);
  return (start = 0, taken = 0) => {
    const decoder = utf8({ ...decoding, start });
    let left = taken; // to pass over
    let base = start; // offset of the text
    let text = '';
    let index = 0;
    let held = ''; // a CR that the next chunk may complete
    return {
      place: () => [base, countCodePoints(text, index)],
      push(chunk) {
        base = decoder.offset - held.length;
        text = decoder.decode(chunk);
        index = 0;
        if (newline === 'lf') unify(chunk === undefined);
        while (left > 0 && index < text.length) {
          index += text.codePointAt(index)! > 0xffff ? 2 : 1;
          left--;
        }
        if (left > 0 && chunk === undefined) throw new RangeError(`${name}: ends before the place of the bookmark`);
      },
      take() {
        if (index < text.length) {
          const unit = text.charCodeAt(index);
          if (unit < 0xd800 || unit > 0xdbff) return text[index++];
          index += 2;
          return text.slice(index - 2, index);
        }
        if (decoder.invalid >= 0) throw new RangeError(`${name}: invalid UTF-8 at byte ${decoder.invalid}`);
        return undefined;
      },
    };

    /** Turns CRLF and CR into LF; a CR at the end waits for the next chunk. */
    function unify(last: boolean): void {
      text = held + text;
      held = '';
      if (text.endsWith('\r') && !last && decoder.invalid < 0) {
        held = '\r';
        text = text.slice(0, -1);
      }
      if (text.includes('\r')) text = text.replaceAll(/\r\n?/g, '\n');
    }
  };
}

/** How many code points the first `length` units hold. */
function countCodePoints(text: string, length: number): number {
  let count = 0;
  for (let i = 0; i < length; i += text.codePointAt(i)! > 0xffff ? 2 : 1) count++;
  return count;
}
