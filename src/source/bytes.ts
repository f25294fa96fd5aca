import type { Observable } from 'rxjs';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import type { Bookmark } from '../flow/bookmark.js';
import { checkBookmark } from '../flow/checkBookmark.js';
import { checkDemand } from '../flow/checkDemand.js';
import type { Demand } from '../flow/demand.js';
import { pull } from '../flow/pull.js';
import type { Token } from '../types.js';
import { checkPlace } from './checkPlace.js';
import { file } from './file.js';
import { type Parser, parseChunks } from './parseChunks.js';

/**
 * Emits the bytes of any file, 0 to 255, which are the tokens of `byteVocabulary`.
 *
 * ```
 * bytes('hi.txt')  -(104 105 10)-|
 * ```
 *
 * The file is opened on each subscription, read as it is demanded, and closed on unsubscription; errors name it.
 * With a `bookmark` it starts where the bookmark lies, without reading what is before; a RangeError where the file ends
 * before that.
 */
export function bytes(path: string | URL, given: BytesOptions = {}): Observable<Token> {
  given = options('bytes', given, { demand: optional(checkDemand), bookmark: optional(checkBookmark) });
  const source = file('bytes', path);
  return pull(() => {
    const parser = elements();
    const start = given.bookmark?.keep('bytes', () => [parser.place()], true)?.[0] ?? 0;
    checkPlace(source, start);
    parser.begin(start);
    return parseChunks(source.open({ start, end: Infinity }), () => parser)();
  }, given.demand);
}

/** How bytes are read. */
export interface BytesOptions {
  /** When to read on; without one, as fast as the call stack downstream allows. */
  readonly demand?: Demand | undefined;
  /** Saves the offset of the next byte, and starts there. */
  readonly bookmark?: Bookmark | undefined;
}

interface Elements extends Parser<Uint8Array, number> {
  begin(start: number): void;
  /** Offset of the next byte. */
  place(): number;
}

function elements(): Elements {
  let chunk: Uint8Array | undefined;
  let base = 0; // offset of the chunk
  let index = 0;
  return {
    begin(start) {
      base = start;
    },
    place: () => base + index,
    push(next) {
      base += chunk?.length ?? 0;
      chunk = next;
      index = 0;
    },
    take() {
      return chunk !== undefined && index < chunk.length ? chunk[index++] : undefined;
    },
  };
}
