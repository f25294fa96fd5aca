import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { string } from '../check/string.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { sweepTarget } from './sweepTarget.js';
import { syncFolder } from './syncFolder.js';
import { newTemporaryName, temporaryName } from './temporaryName.js';

/** New content for a file, written beside it until it is whole. */
export interface Replacement {
  /** Appends bytes; on an error call `discard`. */
  write(data: Uint8Array): void;
  /** Brings the bytes to the disk and gives them the file's name; on an error call `discard`. */
  commit(): void;
  /** Removes the bytes, unless they already have the file's name. May be called at any time, and again. */
  discard(): void;
}

/** How the new content is kept until it is whole. */
export interface ReplaceFileOptions {
  /** Whether its temporary name begins with a dot, so that listings leave it out while it grows; by default it does. */
  readonly hidden?: boolean | undefined;
  /** Permissions of a file that is new, of which the process's umask takes some; 0o666 by default, 0o600 for secrets. */
  readonly mode?: number | undefined;
}

/** Names tried for one temporary file; each has 47 random bits, so a second one is hardly ever needed. */
const TRIES = 100;

/** How many links a dangling link may lead through. */
const MOST_LINKS = 40;

/**
 * Begins to replace a file, or to make it, so that its path never holds a part of the new bytes.
 *
 * The bytes go to a new file `.NAME.tmp-PID-RANDOM` in the same folder, to the disk, and to their name by a rename; then
 * the folder goes to the disk too. The temporary file is opened exclusively under a name that cannot be guessed, so that
 * a link planted there is not followed. A link at the path stays one: the file that it names is written, also one that
 * does not exist yet. An old file's permissions are kept, and its owner where the system allows; a new file gets those of
 * `mode` that the process's umask allows. Hidden temporary files of the same name that killed processes have left are removed
 * first, as `sweepTemporaries` does. An Error for what is neither a file nor a folder, since a rename would put a
 * file in its place; a folder fails at `commit`. Everything is done at once, in calls that block.
 *
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { replaceFile } from 'rxrnn';
 *
 * const file = replaceFile('numbers.txt');
 * try {
 *   for (const number of [1, 2, 3]) file.write(new TextEncoder().encode(`${number}\n`));
 *   file.commit();
 * } catch (error) {
 *   file.discard();
 *   throw error;
 * }
 * console.log(JSON.stringify(readFileSync('numbers.txt', 'utf8'))); // -> "1\n2\n3\n"
 * ```
 */
export function replaceFile(path: string, given: ReplaceFileOptions = {}): Replacement {
  string('replaceFile', 'path', path);
  const { hidden = true, mode = 0o666 } = options('replaceFile', given, {
    hidden: optional(flag),
    mode: optional(wholeNumber(0, 0o777)),
  });
  const target = targetOf(path);
  const old = statSync(target, { throwIfNoEntry: false });
  if (old && !old.isFile() && !old.isDirectory()) throw new Error('it is a device or a pipe, not a file');
  const folder = dirname(target);
  sweepTarget(target);
  const [file, temporary] = openTemporary(
    folder,
    temporaryName(basename(target), hidden),
    old?.isFile() ? 0o600 : mode,
  );
  let open = true;
  let named = false;

  function close(): void {
    if (!open) return;
    open = false; // also where closing fails: the number may already be another file's
    closeSync(file);
  }
  return {
    write(data) {
      for (let written = 0; written < data.length;) {
        const more = writeSync(file, data, written, data.length - written); // may take fewer bytes than it was given
        if (more === 0) throw new Error(`only ${written} of ${data.length} bytes were written`);
        written += more;
      }
    },
    commit() {
      if (old?.isFile()) keepAttributes(file, old);
      fsyncSync(file);
      close();
      renameSync(temporary, target);
      named = true;
      syncFolder(folder);
    },
    discard() {
      try {
        close();
      } catch {
        // The error that led here says more than this one.
      }
      if (!named) remove(temporary);
    },
  };
}

/** Finds where the bytes of a path lie, or will lie. */
function targetOf(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })) return realpathSync(path);
  let target = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    if (!lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()) return target;
    target = resolve(realpathSync(dirname(target)), readlinkSync(target));
  }
  throw new Error('it is a link that leads through too many others');
}

function openTemporary(folder: string, name: string, mode: number): [file: number, path: string] {
  for (let tries = 1; ; tries++) {
    const path = join(folder, newTemporaryName(name));
    try {
      return [openSync(path, 'wx', mode), path];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tries === TRIES) throw error;
    }
  }
}

/** Gives a new file the owner and the permissions of the old one; the owner first, since changing it clears some. */
function keepAttributes(file: number, { uid, gid, mode }: Stats): void {
  const made = fstatSync(file);
  if (made.uid !== uid || made.gid !== gid) {
    try {
      fchownSync(file, uid, gid);
    } catch {
      // Only the superuser may give files away.
    }
  }
  fchmodSync(file, mode & 0o7777);
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The error that led here says more than this one.
  }
}
