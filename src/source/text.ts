import type { Observable } from 'rxjs';
import type { Bookmark } from '../flow/bookmark.js';
import type { Demand } from '../flow/demand.js';
import { pull } from '../flow/pull.js';
import { type CharacterOptions, characters } from './characters.js';
import { file } from './file.js';
import { parsed } from './parsed.js';

/** How a text is read. */
export interface TextOptions extends CharacterOptions {
  /** When to read on; without one, as fast as the call stack downstream allows. */
  readonly demand?: Demand;
  /** Keeps the place of the next code point, and begins there, without reading what is before. */
  readonly bookmark?: Bookmark | undefined;
}

/**
 * Emits the code points of a file of UTF-8, each a string of its own.
 *
 * ```
 * text('hello.txt')  -(h e l l o \n)-|
 * ```
 *
 * The file is opened on each subscription, read in chunks of 64 KiB as they are demanded, and closed on unsubscription.
 * A byte order mark at the start is dropped. An empty file completes at once: whoever learns from it complains.
 *
 * Errors name the file: one that is missing, not a file or not to be read, and by its offset the first byte that is not
 * UTF-8 (`corpus.txt: invalid UTF-8 at byte 1234`), after the code points before it were emitted.
 */
export function text(path: string | URL, options: TextOptions = {}): Observable<string> {
  const { name, open } = file('text', path);
  const parse = characters('text', name, options);
  return pull(() => {
    const begin = options.bookmark?.keep('text', () => parser.place(), true) ?? [0, 0];
    const [start, taken] = [begin[0]!, begin[1]!];
    const parser = parse(start, taken);
    return parsed(open({ start, end: Infinity }), () => parser)();
  }, options.demand);
}
