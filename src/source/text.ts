import type { Observable } from 'rxjs';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { orInfinity } from '../check/orInfinity.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { Bookmark } from '../flow/bookmark.js';
import { checkBookmark } from '../flow/checkBookmark.js';
import { checkDemand } from '../flow/checkDemand.js';
import type { Demand } from '../flow/demand.js';
import { pull } from '../flow/pull.js';
import { CHARACTER_CHECKS, type CharacterOptions, characterParser } from './characterParser.js';
import { checkPlace } from './checkPlace.js';
import { file } from './file.js';
import { parseChunks } from './parseChunks.js';

/** How a text is read. */
export interface TextOptions extends CharacterOptions {
  /** When to read on; without one, as fast as the call stack downstream allows. */
  readonly demand?: Demand | undefined;
  /** Saves the place of the next code point, and starts there, without reading what is before. */
  readonly bookmark?: Bookmark | undefined;
  /** Offset of the first byte to read; 0 by default. Inside a code point or a CRLF, reading starts after it. */
  readonly start?: number | undefined;
  /**
   * Offset of the byte to stop before; the end of the file by default. Inside a code point or a CRLF, it is read, too.
   */
  readonly end?: number | undefined;
}

/**
 * Emits the code points of a file of UTF-8, each as a string.
 *
 * ```
 * text('hello.txt')  -(h e l l o \n)-|
 * ```
 *
 * The file is opened on each subscription, read in chunks of 64 KiB as they are demanded, and closed on unsubscription.
 * A byte order mark at the start of the file is dropped. An empty file completes at once. Parts of a file that meet,
 * one with `end: n`, the other with `start: n`, give each code point to exactly one of them, whatever n is.
 *
 * Errors name the file: where it is missing, unreadable or not a file, and for invalid UTF-8, with the offset of the
 * first bad byte (`corpus.txt: invalid UTF-8 at byte 1234`), after the code points before it were emitted.
 */
export function text(path: string | URL, given: TextOptions = {}): Observable<string> {
  given = options('text', given, {
    ...CHARACTER_CHECKS,
    demand: optional(checkDemand),
    bookmark: optional(checkBookmark),
    start: optional(wholeNumber()),
    end: optional(orInfinity(wholeNumber((given as TextOptions | null | undefined)?.start))),
  });
  const source = file('text', path);
  const parse = characterParser(source.name, given);
  const { demand, bookmark, start = 0, end = Infinity } = given;
  const whole = start === 0 && end === Infinity; // of what is not a regular file, such as a pipe, there are no parts
  return pull(() => {
    const [first, last] = whole
      ? [0, Infinity]
      : source.boundaries((size) => [Math.min(start, size), Math.min(end, size)]);
    const begin = bookmark?.keep('text', () => parser.place(), true);
    if (begin) checkPlace(source, begin[0]!, first, last);
    const from = begin?.[0] ?? first!;
    const parser = parse(from, begin?.[1]);
    return parseChunks(source.open({ start: from, end: last! }), () => parser)();
  }, demand);
}
