import { Buffer } from 'node:buffer';
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkBytes } from '../check/checkBytes.js';
import { checkRecord } from '../check/checkRecord.js';
import { options } from '../check/options.js';
import { parseJson } from '../check/parseJson.js';
import { reasonOf } from '../check/reasonOf.js';
import { showName } from '../check/showName.js';
import { string } from '../check/string.js';
import { visible } from '../check/visible.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { jsonText } from '../format/jsonText.js';
import { lockFile } from './lockFile.js';
import { openRegularFile } from './openRegularFile.js';
import { sweepTarget } from './sweepTarget.js';
import { writeFileAtomic } from './writeFileAtomic.js';

/** What a program remembers. */
export interface SavedState {
  /** Plain JSON. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What is not JSON; no bytes by default. */
  readonly bytes?: Uint8Array | undefined;
}

/** A file with what a program remembers between its runs. */
export interface StateFile {
  /** Reads what was saved last; undefined where there is no file. */
  read(): SavedState | undefined;
  /** Saves a state in place of the one before, whole or not at all. */
  write(state: SavedState): void;
  /**
   * Notes how far the program has come since the last state, as a whole number. It survives the death of the process at any
   * time, takes microseconds, and does not wait for the disk.
   */
  mark(count: number): void;
  /** The number that was noted last, by this run or the one before; 0 where none was noted since the file was made. */
  marked(): number;
  /**
   * Renames the file and its marks, whatever is in it, to a name with the time in UTC, `now` in milliseconds since 1970, and
   * returns that name, which can be opened as a state; this one is then as where there was no file. An Error where it cannot
   * be renamed.
   */
  setAside(now: number): string;
  /** Gives the file back to other runs. */
  close(): void;
}

/** What a state file is for. */
export interface StateFileOptions {
  /** The program and the version of what it saves, such as `monitor 1`: a file of another kind is refused. */
  readonly kind: string;
}

/**
 * Opens a file in which a program keeps its state, so that killed at any time and started again it continues.
 *
 * The file is sealed: it has the SHA-256 of its bytes, and one that is damaged, of another kind, or not a state at all is
 * refused when it is read, and not overwritten: a `write` needs a `read` before it where there is a file. It is replaced
 * atomically, and keeps its permissions; a new one is its owner's alone (0600). Between two states `mark` says how far
 * output has got, so that the next run can leave out what the one before had printed already. Two files lie beside it:
 * `.NAME.lock`, while a run uses it, and `.NAME.mark`. What runs that were killed left of states that they were writing is
 * removed. An Error where another run of this machine has the file, where its folder is missing, or where the path is that
 * of a folder, a device or a pipe. Errors name the path and say what can be done.
 *
 * ```ts
 * import { stateFile } from 'rxrnn';
 *
 * const file = stateFile('counter.state', { kind: 'counter 1' });
 * const { count } = file.read()?.values ?? { count: 0 };
 * file.write({ values: { count: Number(count) + 1 } });
 * console.log(file.read()?.values); // -> { count: 1 }
 * file.close();
 * ```
 */
export function stateFile(path: string, given: StateFileOptions): StateFile {
  string('stateFile', 'path', path);
  const { kind } = options('stateFile', given, { kind: string });
  const name = visible(path);
  if (existsSync(path)) checkRegular(path, name);
  const beside = (what: string): string => besideOf(path, what);
  const release = lock(beside('lock'), path);
  sweepTarget(existsSync(path) ? realpathSync(path) : path); // a large state may be written for the first time much later
  let run: string | undefined; // belongs to the file, and so do the marks that have it
  let marks: number | undefined;

  function marksFile(): number {
    if (marks !== undefined) return marks;
    const place = beside('mark');
    const found = lstatSync(place, { throwIfNoEntry: false });
    if (found && !found.isFile())
      throw new Error(`stateFile: ${visible(place)} must be a file, with the marks of a run; remove what is there`);
    // Windows has no links to be planted; without waiting, should a pipe have taken its place.
    const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants as Partial<typeof constants>;
    marks = openSync(place, O_RDWR! | O_CREAT! | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0), OWNER_ONLY);
    return marks;
  }
  function closeMarks(): void {
    if (marks !== undefined) closeSync(marks);
    marks = undefined;
  }
  function refusal(reason: string, cause?: unknown): Error {
    const way = 'move it away to start from nothing, or name another file';
    return new Error(`stateFile: ${name} cannot be continued: ${reason}; ${way}`, { cause });
  }
  return {
    read() {
      if (!existsSync(path)) return undefined;
      let found: Unsealed;
      try {
        found = unseal(readRegular(path));
      } catch (cause) {
        throw refusal(reasonOf(cause), cause);
      }
      if (found.kind !== kind) throw refusal(`it is a state of ${showName(found.kind)}, not of ${kind}`);
      run = found.run;
      return { values: found.values, bytes: found.bytes };
    },
    write({ values, bytes = new Uint8Array(0) }) {
      checkRecord('stateFile.write', 'values', values);
      checkBytes('stateFile.write', 'bytes', bytes);
      if (run === undefined && existsSync(path)) throw refusal('it exists and was not read');
      run ??= randomBytes(8).toString('hex');
      writeFileAtomic(path, seal(`${jsonText('values', { kind, run, values })}\n`, bytes), 'stateFile', OWNER_ONLY);
    },
    mark(count) {
      if (run === undefined) throw new Error('stateFile.mark: nothing was read or written yet');
      wholeNumber(0, Number.MAX_SAFE_INTEGER)('stateFile.mark', 'count', count);
      writeSync(marksFile(), `${run} ${String(count).padStart(16, '0')}\n`, 0);
    },
    marked() {
      if (run === undefined || !existsSync(beside('mark'))) return 0;
      const bytes = Buffer.alloc(MARK_BYTES);
      readSync(marksFile(), bytes, 0, MARK_BYTES, 0);
      const [, of, count] = /^([\da-f]{16}) (\d{16})\n$/.exec(bytes.toString('latin1')) ?? [];
      return of === run ? Number(count) : 0;
    },
    setAside(now) {
      wholeNumber(0, LATEST)('stateFile.setAside', 'now', now);
      closeMarks();
      try {
        const to = freeName(path, new Date(now));
        renameSync(path, to);
        if (existsSync(beside('mark'))) renameSync(beside('mark'), besideOf(to, 'mark'));
        run = undefined;
        return to;
      } catch (cause) {
        throw new Error(`stateFile: ${name} cannot be set aside: ${reasonOf(cause)}`, { cause });
      }
    },
    close() {
      closeMarks();
      release();
    },
  };
}

const LATEST = 8.64e15; // the last time that a Date has
const MOST_NAME = 200; // bytes of a name, so that with what is added to it it is one: file systems take 255

/** The path of a file beside another one. */
function besideOf(path: string, what: string): string {
  return join(dirname(path), `.${beginning(basename(path), MOST_NAME)}.${what}`);
}

/** A path that is free, with a time; of a long name it has the beginning, so that the files beside it have names of their own. */
function freeName(path: string, now: Date): string {
  const stamp = `.${now.toISOString().slice(0, 19).replaceAll(':', '-')}`;
  for (let i = 1; ; i++) {
    const end = i === 1 ? stamp : `${stamp}-${i}`;
    const free = join(dirname(path), beginning(basename(path), MOST_NAME - end.length) + end);
    if (lstatSync(free, { throwIfNoEntry: false }) === undefined) return free;
  }
}

/** The first characters of a name, as many as have at most so many bytes in UTF-8. */
function beginning(name: string, most: number): string {
  if (Buffer.byteLength(name) <= most) return name;
  let [short, bytes] = ['', 0];
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > most) break;
    short += character;
  }
  return short;
}

const OWNER_ONLY = 0o600; // a state may hold lines of a log that others may not read
const MARK_BYTES = 34;
const MAGIC = 'rxrnn state 1 ';
const DIGITS = 64; // of a SHA-256

/** What a file holds that is whole. */
interface Unsealed extends Required<SavedState> {
  readonly kind: string;
  readonly run: string;
}

/** A line of magic and digest, a line of JSON, and the bytes. */
function seal(json: string, bytes: Uint8Array): Uint8Array {
  const digest = createHash('sha256').update(json).update(bytes).digest('hex');
  return Buffer.concat([Buffer.from(`${MAGIC}${digest}\n${json}`), bytes]);
}

function unseal(file: Buffer): Unsealed {
  const begin = MAGIC.length + DIGITS + 1;
  if (file.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error('it is not a state');
  const digest = createHash('sha256').update(file.subarray(begin)).digest('hex');
  if (file.toString('latin1', MAGIC.length, begin) !== `${digest}\n`) throw new Error('it was damaged');
  const end = file.indexOf(LF, begin);
  const { kind, run, values } = parseJson('it', file.toString('utf8', begin, end)) as Unsealed;
  return { kind, run, values, bytes: new Uint8Array(file.subarray(end + 1)) };
}

const LF = 0x0a;

function readRegular(path: string): Buffer {
  const { descriptor } = openRegularFile(path);
  try {
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** An Error for a folder, a device or a pipe: before anything is locked, renamed or waited for. */
function checkRegular(path: string, name: string): void {
  try {
    closeSync(openRegularFile(path).descriptor);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== undefined) return; // one that cannot be read is refused by `read`
    throw new Error(`stateFile: ${name} cannot be used: ${reasonOf(cause)}`, { cause });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder is missing',
  ENOTDIR: 'its folder is missing',
  EACCES: 'nothing can be written in its folder',
  EROFS: 'nothing can be written in its folder',
  ENOSPC: 'the disk is full',
};

function lock(path: string, name: string): () => void {
  try {
    return lockFile(path, name);
  } catch (cause) {
    const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? ''] ?? reasonOf(cause);
    throw new Error(`stateFile: ${visible(name)} cannot be used: ${reason}`, { cause });
  }
}
