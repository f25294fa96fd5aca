import { checkBookmark } from '../flow/checkBookmark.js';
import { checkDemand } from '../flow/checkDemand.js';
import { closeCursor } from '../flow/closeCursor.js';
import type { Observable } from 'rxjs';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { orInfinity } from '../check/orInfinity.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { Cursor, Later, Step } from '../flow/openCursor.js';
import { pull } from '../flow/pull.js';
import { CHARACTER_CHECKS, type CharacterParser, characterParser } from './characterParser.js';
import { file } from './file.js';
import { parseChunks } from './parseChunks.js';
import type { TextOptions } from './text.js';

/** How a text is read as parallel streams. */
export interface TextLanesOptions extends TextOptions {
  /** Number of stretches. */
  readonly lanes: number;
}

/** The most bytes that are read ahead: 64 KiB per lane, less where there are many lanes. */
const MOST = 0x10000;
const LEAST = 0x1000;
const BUFFERED = 0x400000;

/**
 * Emits the code points of one file as `lanes` parallel streams: its contiguous stretches of equal length in bytes,
 * interleaved (code point 0 of every stretch, then code point 1, …) for `windows({ steps, lanes })`.
 *
 * ```
 * abcdef in the file  textLanes(path, { lanes: 2 })  -(a d b e c f)-|
 * ```
 *
 * The file is cut between code points (and not inside a CRLF), and each stretch is read by a stream of its own as it is
 * demanded; the whole file is never in memory. It completes when the shortest stretch ends, after a whole row; the rest
 * of the others is dropped. Encode these with `unknown: 'error'` or `'unk'`: `'skip'` would shift the lanes. With a
 * `bookmark` it starts where the bookmark lies, in a file of the same size. `start` and `end` limit the part of the
 * file that is cut. Options and errors are those of `text`; a RangeError for a stretch of fewer than two code points.
 */
export function textLanes(path: string | URL, given: TextLanesOptions): Observable<string> {
  given = options('textLanes', given, {
    ...CHARACTER_CHECKS,
    lanes: positiveInteger,
    demand: optional(checkDemand),
    bookmark: optional(checkBookmark),
    start: optional(wholeNumber()),
    end: optional(orInfinity(wholeNumber((given as TextLanesOptions | null | undefined)?.start))),
  });
  const { lanes, demand, bookmark, start = 0, end = Infinity } = given;
  const { name, open, boundaries } = file('textLanes', path);
  const parse = characterParser(name, given);
  return pull(() => {
    const cuts = cut();
    const parsers: CharacterParser[] = [];
    const begin = bookmark?.keep('textLanes', where, true);
    const [, , , emitted = 0, ...places] = begin ?? [];
    if (begin) checkPlaces(name, begin, places, cuts);
    const chunk = Math.min(MOST, Math.max(LEAST, Math.floor(BUFFERED / lanes)));
    const cursors: Cursor<string>[] = [];
    for (let lane = 0; lane < lanes; lane++) {
      const start = places[2 * lane] ?? cuts[lane]!;
      const parser = parse(start, places[2 * lane + 1]);
      parsers.push(parser);
      cursors.push(parseChunks(open({ start, end: cuts[lane + 1]!, chunk }), () => parser)());
    }
    const rows = interleave(cursors, () => tooShort(name, lanes), emitted, begin?.[2]);
    return rows;

    /** The current row: where each lane's part of it begins, and how much of the row was emitted. */
    function where(): number[] {
      const places = parsers.map((parser, lane) => {
        const [byte, taken] = parser.place();
        return [byte, taken - (rows.isAhead(lane) ? 1 : 0)];
      });
      return [lanes, cuts[lanes]!, rows.rows(), rows.emitted(), ...places.flat()];
    }
  }, demand);

  /** Where the stretches begin, and the end of the last. */
  function cut(): number[] {
    const [first, last] = boundaries((size) => [Math.min(start, size), Math.min(end, size)]) as [number, number];
    const cuts = boundaries(() =>
      Array.from({ length: lanes + 1 }, (_, lane) => first + Math.floor(((last - first) * lane) / lanes)),
    );
    if (cuts.some((at, lane) => lane > 0 && at <= cuts[lane - 1]!)) throw tooShort(name, lanes);
    return cuts;
  }
}

function checkPlaces(
  name: string,
  [lanes, size]: readonly number[],
  places: readonly number[],
  cuts: readonly number[],
): void {
  if (lanes !== cuts.length - 1 || size !== cuts.at(-1)) {
    throw new RangeError(
      `${name}: the bookmark lies in ${lanes} lanes of ${size} bytes, these are ${cuts.length - 1} of ${cuts.at(-1)}`,
    );
  }
  for (let lane = 0; lane < lanes; lane++) {
    const place = places[2 * lane] ?? NaN;
    if (place >= cuts[lane]! && place <= cuts[lane + 1]!) continue;
    throw new RangeError(`${name}: the place of the bookmark in lane ${lane} lies outside of the lane`);
  }
}

function tooShort(name: string, lanes: number): RangeError {
  return new RangeError(`${name}: too short for ${lanes} lanes of at least 2 code points each`);
}

/** Cursors read in turns. */
interface Rows extends Cursor<string> {
  /** Whole rows emitted, not counting one that is partly emitted. */
  rows(): number;
  /** How much of the next row was emitted. */
  emitted(): number;
  /** Whether a lane's cursor has already handed over its part of the next row. */
  isAhead(lane: number): boolean;
}

/**
 * Reads cursors in turns, a row at a time, until the first of them ends. The first `skipped` items of the first row are
 * passed over, and `before` rows were read earlier. `tooShort` makes the error for fewer than two rows.
 */
function interleave(cursors: readonly Cursor<string>[], tooShort: () => Error, skipped: number, before = 0): Rows {
  const lanes = cursors.length;
  const row: string[] = cursors.map(() => '');
  const step = { value: '', done: false as const };
  let rows = before; // begun
  let first = skipped;
  let known = 0; // lanes of the next row that were read
  let emitted = lanes; // lanes of this row that were emitted

  /** The first code point of the next row, the end, or the promise of the lane that it waits for. */
  function fill(): Step<string> | Later<string> {
    while (known < lanes) {
      const next = cursors[known]!.next();
      if ('then' in next) return next;
      if (next.done === true) return end();
      row[known++] = next.value;
    }
    return startRow();
  }
  function startRow(): Step<string> {
    rows++;
    known = 0;
    emitted = first + 1;
    first = 0;
    step.value = row[emitted - 1]!;
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
        row[known++] = next.value;
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
    for (const cursor of cursors) closeCursor(cursor);
  }
  return {
    rows: () => (emitted < lanes ? rows - 1 : rows),
    emitted: () => (emitted < lanes ? emitted : first),
    isAhead: (lane) => emitted < lanes || lane < known,
    next() {
      if (emitted < lanes) {
        step.value = row[emitted++]!;
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
