import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Observable } from 'rxjs';
import { type Cursor, type Later, pull, type Step } from '../flow/pull.js';
import { type CharacterParser, characters } from './characters.js';
import { type File, file } from './file.js';
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
 * Options and errors are those of `text`; a stretch of fewer than two code points is a RangeError.
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

interface Rows extends Cursor<string> {
  /** Whole rows handed out, not counting one of which something is left. */
  rows(): number;
  /** How many of the next row were handed out. */
  given(): number;
  /** Whether a lane's cursor has handed over its part of the next row. */
  ahead(lane: number): boolean;
}

/** The cursors' items in turns; of the first row, `skipped` are passed over, and `before` rows went before. */
function interleaved(cursors: readonly Cursor<string>[], tooShort: () => Error, skipped: number, before = 0): Rows {
  const lanes = cursors.length;
  const row: string[] = cursors.map(() => '');
  const step = { value: '', done: false as const };
  let rows = before; // begun
  let first = skipped;
  let filled = 0; // lanes of the next row that are known
  let given = lanes; // lanes of this row that were handed out

  /** The first code point of the next row, the end, or the promise of the lane that it waits for. */
  function fill(): Step<string> | Later<string> {
    while (filled < lanes) {
      const next = cursors[filled]!.next();
      if ('then' in next) return next;
      if (next.done === true) return end();
      row[filled++] = next.value;
    }
    return give();
  }
  function give(): Step<string> {
    rows++;
    filled = 0;
    given = first + 1;
    first = 0;
    step.value = row[given - 1]!;
    return step;
  }
  function end(): Step<string> {
    if (rows < 2) throw tooShort();
    close();
    return { value: undefined, done: true };
  }
  async function wait(lane: Later<string>): Promise<Step<string>> {
    try {
      for (let pending = lane; ;) {
        const next = await pending;
        if (next.done === true) return end();
        row[filled++] = next.value;
        const answer = fill();
        if (!('then' in answer)) return answer;
        pending = answer;
      }
    } catch (error) {
      close();
      throw error;
    }
  }
  function close(): void {
    for (const cursor of cursors) cursor.return?.();
  }
  return {
    rows: () => (given < lanes ? rows - 1 : rows),
    given: () => (given < lanes ? given : first),
    ahead: (lane) => given < lanes || lane < filled,
    next() {
      if (given < lanes) {
        step.value = row[given++]!;
        return step;
      }
      try {
        const answer = fill();
        return 'then' in answer ? wait(answer) : answer;
      } catch (error) {
        close();
        throw error;
      }
    },
    return: close,
  };
}
