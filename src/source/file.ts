import { callReturn } from '../flow/callReturn.js';
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { visible } from '../check/visible.js';
import { show } from '../check/show.js';
import type { Cursor, Later } from '../flow/openCursor.js';
import { fileError } from './fileError.js';
import { readable } from './readable.js';
import { boundary } from './utf8.js';

/** A file that can be opened any number of times. */
export interface File {
  /** The path as it was given, safe to print: what errors call the file. */
  readonly name: string;
  /** The path, for the functions of Node. */
  readonly path: string;
  /** Opens a cursor over its bytes, in chunks of at most `chunk` bytes (64 KiB), from `start` to before `end`. */
  readonly open: (range?: Range) => () => Cursor<Uint8Array>;
  /**
   * Moves offsets in a file of UTF-8 forward, each to the next place between two code points that is not between CR and
   * LF. `choose` receives the size of the file, which must be a regular one, and returns offsets within it.
   */
  readonly boundaries: (choose: (size: number) => readonly number[]) => number[];
}

/** A part of a file, in bytes; `end` may lie beyond the end of the file. */
interface Range {
  readonly start: number;
  readonly end: number;
  /** Largest chunk; 64 KiB by default. */
  readonly chunk?: number;
}

/**
 * Describes a file to read; nothing is opened before a cursor is.
 *
 * `who` names the function whose argument the path is. A TypeError for anything but a path or a `file:` URL. Where the
 * file is missing, unreadable or not a file, the cursor throws an error that begins with its name and says so.
 */
export function file(who: string, path: string | URL): File {
  const checked = checkPath(who, path);
  const name = visible(checked);
  return {
    name,
    path: checked,
    open(range) {
      if (range !== undefined && range.start >= range.end) return () => NOTHING; // a stream refuses an empty range
      const slice =
        range === undefined ? {} : { start: range.start, end: range.end - 1, highWaterMark: range.chunk ?? 0x10000 };
      const open = readable(() => createReadStream(checked, slice));
      return () => explainErrors(open(), (error) => fileError(name, error));
    },
    boundaries(choose) {
      let descriptor: number | undefined;
      try {
        descriptor = openSync(checked, 'r');
        const file = descriptor;
        const stat = fstatSync(file);
        if (!stat.isFile())
          throw new Error(stat.isDirectory() ? 'is a directory, expected a file' : 'is not a regular file');
        return choose(stat.size).map((at) => boundaryIn(file, at, stat.size));
      } catch (error) {
        throw fileError(name, error);
      } finally {
        if (descriptor !== undefined) closeSync(descriptor);
      }
    },
  };
}

const NOTHING: Cursor<Uint8Array> = { next: () => ({ value: undefined, done: true }) };

function checkPath(who: string, path: string | URL): string {
  if (path instanceof URL) {
    if (path.protocol === 'file:') return fileURLToPath(path);
    throw new TypeError(`${who}: path must be a string or a file: URL, got ${visible(path.href)}`);
  }
  if (typeof path !== 'string') throw new TypeError(`${who}: path must be a string or a URL, got ${show(path)}`);
  if (path === '' || path.includes('\0')) {
    throw new TypeError(`${who}: path must be the name of a file, got ${show(path)}`);
  }
  return path;
}

/** The first place from `at` on that is between two code points and not between CR and LF. */
function boundaryIn(descriptor: number, at: number, size: number): number {
  if (at === 0 || at >= size) return at;
  const bytes = new Uint8Array(5); // the byte before `at`, and the longest sequence
  const read = readSync(descriptor, bytes, 0, 5, at - 1);
  if (bytes[0] === 0x0d && bytes[1] === 0x0a) return at + 1;
  return at - 1 + boundary(bytes.subarray(0, read), 1);
}

function explainErrors<T>(cursor: Cursor<T>, explain: (error: unknown) => Error): Cursor<T> {
  function later(step: Later<T>): Later<T> {
    return new Promise((resolve, reject) => {
      step.then(resolve, (error) => reject(explain(error)));
    });
  }
  return {
    next() {
      try {
        const step = cursor.next();
        return 'then' in step ? later(step) : step;
      } catch (error) {
        throw explain(error);
      }
    },
    return: () => callReturn(cursor),
  };
}
