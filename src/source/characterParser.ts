import { callable } from '../check/callable.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import type { Checks } from '../check/options.js';
import type { Parser } from './parseChunks.js';
import { utf8 } from './utf8.js';

/** How bytes become code points. */
export interface CharacterOptions {
  /** `lf` turns CRLF and lone CR into LF; `keep` (the default) leaves line endings as they are. */
  readonly newline?: 'keep' | 'lf' | undefined;
  /** `error` (the default) fails at the first invalid byte; `replace` emits U+FFFD for each invalid sequence. */
  readonly invalid?: 'error' | 'replace' | undefined;
  /** With `invalid: 'replace'`: called with the byte offset of each sequence replaced, to count or to warn. */
  readonly onInvalid?: ((byte: number) => void) | undefined;
}

/** The checks of these options, for the functions that have them among others. */
export const CHARACTER_CHECKS: Checks<CharacterOptions> = {
  newline: optional(oneOf('keep', 'lf')),
  invalid: optional(oneOf('error', 'replace')),
  onInvalid: optional(callable),
};

/** A parser that reports where it is. */
export interface CharacterParser extends Parser<Uint8Array, string> {
  /**
   * The offset of a byte that begins a code point, and how many code points from there were taken: bytes that became
   * one code point together (CRLF, an invalid sequence) lie on one side of it.
   */
  place(): readonly [byte: number, taken: number];
}

/**
 * Makes parsers from bytes to code points for the source that errors call `name`. `start` is the offset of the first
 * byte in it; the first `taken` code points are skipped.
 */
export function characterParser(
  name: string,
  { newline = 'keep', invalid = 'error', onInvalid }: CharacterOptions,
): (start?: number, taken?: number) => CharacterParser {
  return (start = 0, taken = 0) => {
    const decoder = utf8({ start, replace: invalid === 'replace', onInvalid });
    let left = taken; // to skip
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

/** How many code points the first `length` UTF-16 units hold. */
function countCodePoints(text: string, length: number): number {
  let count = 0;
  for (let i = 0; i < length; i += text.codePointAt(i)! > 0xffff ? 2 : 1) count++;
  return count;
}
