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

/**
 * Checks the options, in the name of `caller`, and makes parsers from bytes to code points for the source `name`;
 * `start` is the offset of the first byte in it.
 */
export function characters(
  caller: string,
  name: string,
  options: CharacterOptions,
): (start?: number) => Parser<Uint8Array, string> {
  const { newline = 'keep', invalid = 'error', onInvalid } = options;
  if (newline !== 'keep' && newline !== 'lf') {
    throw new RangeError(`${caller}: newline must be 'keep' or 'lf', got ${JSON.stringify(newline)}`);
  }
  const decoding = utf8Options(caller, invalid, onInvalid);
  return (start = 0) => {
    const decoder = utf8({ ...decoding, start });
    let text = '';
    let index = 0;
    let held = ''; // a CR that the next chunk may complete
    return {
      push(chunk) {
        text = decoder.decode(chunk);
        index = 0;
        if (newline === 'keep') return;
        text = held + text;
        held = '';
        if (text.endsWith('\r') && chunk !== undefined && decoder.invalid < 0) {
          held = '\r';
          text = text.slice(0, -1);
        }
        if (text.includes('\r')) text = text.replaceAll(/\r\n?/g, '\n');
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
  };
}
