import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Observable } from 'rxjs';
import type { Cursor } from '../flow/openCursor.js';
import { pull } from '../flow/pull.js';
import { type CharacterParser, characters } from './characters.js';
import { type File, file } from './file.js';
import { interleaved } from './interleaved.js';
import { parsed } from './parsed.js';
import type { TextOptions } from './text.js';

/** How a text is read as parallel streams. */
export interface TextLanesOptions extends TextOptions {
  /** Number of stretches. */
  readonly lanes: number;
}

/**
 * Emits the code points of one file as `lanes` parallel streams: its contiguous stretches of equal length in bytes,
 * interleaved (code point 0 of every stretch, then code point 1, …) for `windows({ steps, lanes })`.
 *
 * ```
 * abcdef in the file  textLanes(path, { lanes: 2 })  -(a d b e c f)-|
 * ```
 *
 * The file is cut between code points (and not inside a CRLF), and each stretch is read by a stream of its own as it is
 * demanded, never the whole file. It completes when the shortest stretch ends, after a whole row; what the others have
 * left is dropped. Encode these with `unknown: 'error'` or `'unk'`: `'skip'` would shift the lanes.
 * With a `bookmark` it begins where that lies, in a file of the same size. Options and errors are those of `text`; a
 * stretch of fewer than two code points is a RangeError.
 */
export function textLanes(path: string | URL, options: TextLanesOptions): Observable<string> {
  const { lanes } = options;
  if (!(Number.isInteger(lanes) && lanes >= 1)) {
    throw new RangeError(`textLanes: lanes must be a positive integer, got ${lanes}`);
  }
  const source = file('textLanes', path);
  const parse = characters('textLanes', source.name, options);
  return pull(() => {
    const cuts = cut(source, lanes);
    const parsers: CharacterParser[] = [];
    const begin = options.bookmark?.keep('textLanes', where, true);
    if (begin) checkPlace(source.name, begin, cuts);
    const [, , , given = 0, ...places] = begin ?? [];
    const chunk = Math.min(MOST, Math.max(LEAST, Math.floor(BUFFERED / lanes)));
    const cursors: Cursor<string>[] = [];
    for (let lane = 0; lane < lanes; lane++) {
      const start = places[2 * lane] ?? cuts[lane]!;
      const parser = parse(start, places[2 * lane + 1]);
      parsers.push(parser);
      cursors.push(parsed(source.open({ start, end: cuts[lane + 1]!, chunk }), () => parser)());
    }
    const rows = interleaved(cursors, () => tooShort(source.name, lanes), given, begin?.[2]);
    return rows;

    /** Of the row that is being handed out: where each lane's part of it begins, and how much is gone. */
    function where(): number[] {
      const places = parsers.map((parser, lane) => {
        const [byte, taken] = parser.place();
        return [byte, taken - (rows.ahead(lane) ? 1 : 0)];
      });
      return [lanes, cuts[lanes]!, rows.rows(), rows.given(), ...places.flat()];
    }
  }, options.demand);
}

function checkPlace(name: string, [lanes, size]: readonly number[], cuts: readonly number[]): void {
  if (lanes !== cuts.length - 1 || size !== cuts.at(-1)) {
    throw new RangeError(
      `${name}: the bookmark lies in ${lanes} lanes of ${size} bytes, these are ${cuts.length - 1} of ${cuts.at(-1)}`,
    );
  }
}

/** Bytes read ahead: 64 KiB a lane, less where there are many. */
const MOST = 0x10000;
const LEAST = 0x1000;
const BUFFERED = 0x400000;

/** Where the stretches begin, and the end of the last. */
function cut({ name, explain }: File, lanes: number): number[] {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(name, 'r');
    const stat = fstatSync(descriptor);
    if (!stat.isFile())
      throw new Error(stat.isDirectory() ? 'is a directory, expected a file' : 'is not a regular file');
    const cuts = [0];
    for (let lane = 1; lane < lanes; lane++) {
      cuts.push(boundary(descriptor, Math.floor((stat.size / lanes) * lane), stat.size));
    }
    cuts.push(stat.size);
    if (cuts.some((at, lane) => lane > 0 && at <= cuts[lane - 1]!)) throw tooShort(name, lanes);
    return cuts;
  } catch (error) {
    throw error instanceof RangeError ? error : explain(error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The first place from `at` on that is between two code points and not between CR and LF. */
function boundary(descriptor: number, at: number, size: number): number {
  if (at === 0 || at >= size) return at;
  const bytes = Buffer.alloc(5);
  const read = readSync(descriptor, bytes, 0, 5, at - 1);
  if (bytes[0] === 0x0d && bytes[1] === 0x0a) return at + 1;
  let i = 1;
  while (i < read && i < 4 && (bytes[i]! & 0xc0) === 0x80) i++;
  return at + i - 1;
}

function tooShort(name: string, lanes: number): RangeError {
  return new RangeError(`${name}: too short for ${lanes} lanes of at least 2 code points each`);
}
