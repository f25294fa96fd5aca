import { closeSync, fsyncSync, openSync, realpathSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { visible } from '../check/visible.js';
import { reasonOf } from '../check/reasonOf.js';

/** Makes the names of one process's temporary files differ. */
let count = 0;

/**
 * Writes a file whole or not at all: after a crash, a kill or a full disk the path holds the old bytes or the new ones.
 *
 * The bytes go to `.NAME.tmp-PID-N` in the same folder, to the disk, and to their name by a rename; then the folder
 * goes to the disk too. On an error the temporary file is removed and the old file is as it was (unless only the last
 * step failed: then the new one is in place); the error names the path and carries its cause. A killed process leaves its
 * temporary file behind. A link stays one: the file that it names is written. What is not a file, such as a device or a
 * pipe, is refused, since a rename would put a file in its place. Pillai et al., All file systems are not created equal,
 * OSDI 2014.
 */
export function writeFileAtomic(path: string, data: Uint8Array): void {
  let temporary: string | undefined;
  try {
    const target = targetOf(path);
    const folder = dirname(target);
    const [file, name] = openTemporary(folder, basename(target));
    temporary = name;
    try {
      writeAll(file, data);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
    temporary = undefined;
    syncFolder(folder);
  } catch (cause) {
    if (temporary !== undefined) remove(temporary);
    throw new Error(`writeFileAtomic: ${visible(path)} could not be written: ${reasonOf(cause)}`, { cause });
  }
}

/** Where the bytes of a path lie, or will lie. */
function targetOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return path;
  if (!found.isFile())
    throw new Error(found.isDirectory() ? 'it is a directory' : 'it is a device or a pipe, not a file');
  return realpathSync(path);
}

/** Opens a new file under a free name: an earlier process of the same id may have left some. */
function openTemporary(folder: string, name: string): [number, string] {
  for (;;) {
    const path = join(folder, `.${name}.tmp-${process.pid}-${count++}`);
    try {
      return [openSync(path, 'wx'), path];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** A write may take fewer bytes than it was given. */
function writeAll(file: number, data: Uint8Array): void {
  for (let written = 0; written < data.length;) {
    const more = writeSync(file, data, written, data.length - written);
    if (more === 0) throw new Error(`only ${written} of ${data.length} bytes were written`);
    written += more;
  }
}

/** Windows opens no folders; there a rename is as durable as it gets. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The error that led here says more than this one.
  }
}
