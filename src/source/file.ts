import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Cursor, Later } from '../flow/openCursor.js';
import { readable } from './readable.js';

/** A file that can be opened again and again. */
export interface File {
  /** As errors call it: the path as it was given. */
  readonly name: string;
  /** A cursor over its bytes, in chunks of at most `chunk` bytes (64 KiB), from `start` to before `end`. */
  readonly open: (range?: Range) => () => Cursor<Uint8Array>;
  /** The same error with the name of the file before it. */
  readonly explain: (error: unknown) => Error;
}

/** A part of a file, in bytes; `end` may lie behind the end. */
interface Range {
  readonly start: number;
  readonly end: number;
  /** Largest chunk; 64 KiB by default. */
  readonly chunk?: number;
}

/**
 * Describes a file to read; it is opened by each cursor and not before.
 *
 * `caller` names the function whose argument the path is. A TypeError for anything but a path or a `file:` URL.
 * Missing, unreadable and no file at all: the cursor throws an error that begins with the name and says so.
 */
export function file(caller: string, path: string | URL): File {
  const name = named(caller, path);
  return {
    name,
    open(range) {
      if (range !== undefined && range.start >= range.end) return () => NOTHING; // a stream refuses an empty range
      const slice =
        range === undefined ? {} : { start: range.start, end: range.end - 1, highWaterMark: range.chunk ?? 0x10000 };
      const cursor = readable(() => createReadStream(name, slice));
      return () => explained(cursor(), (error) => explain(name, error));
    },
    explain: (error) => explain(name, error),
  };
}

const NOTHING: Cursor<Uint8Array> = { next: () => ({ value: undefined, done: true }) };

function named(caller: string, path: string | URL): string {
  if (path instanceof URL) {
    if (path.protocol === 'file:') return fileURLToPath(path);
    throw new TypeError(`${caller}: path must be a string or a file: URL, got ${path.href}`);
  }
  if (typeof path !== 'string') throw new TypeError(`${caller}: path must be a string or a URL, got ${typeof path}`);
  if (path === '' || path.includes('\0')) {
    throw new TypeError(`${caller}: path must be the name of a file, got ${JSON.stringify(path)}`);
  }
  return path;
}

function explained<T>(cursor: Cursor<T>, explain: (error: unknown) => Error): Cursor<T> {
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
    return() {
      cursor.return?.();
    },
  };
}

function explain(name: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === undefined ? undefined : REASONS[code];
  return new Error(`${name}: ${reason ?? message}`, { cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'is a directory, expected a file',
  ENOTDIR: 'there is no such file: a part of the path is not a directory',
  EACCES: 'permission to read it is denied',
  EMFILE: 'too many files are open',
};
