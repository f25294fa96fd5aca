import { randomInt } from 'node:crypto';
import { closeSync, openSync, readlinkSync, realpathSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Bytes written as a trial. */
const PROBE = new Uint8Array(0x10000);

/**
 * Throws an Error where a file cannot be written, before anything is trained: a file beside it, or beside the file that
 * a link names, is written as a trial and removed at once; should the process be killed just then, the next writer of the
 * file removes it, as it does its own. `option` is the option that named the file.
 */
export function checkWritable(path: string, option = '--out'): void {
  let folder = dirname(path);
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() || path.endsWith('/')) throw new Error('it is a directory');
    if (found && !found.isFile()) throw new Error('it is a device or a pipe, not a file');
    const target = found ? realpathSync(path) : endOfLinks(path);
    folder = dirname(target);
    writeProbe(join(folder, `.${basename(target).slice(0, 48)}.tmp-${process.pid}-${randomInt(2 ** 47)}`));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`${option} ${path} cannot be written: ${reason(code, folder) ?? message}`, { cause: error });
  }
}

/** Finds the path that a dangling link leads to, through others where it does; any other path is its own. */
function endOfLinks(path: string): string {
  let link: string;
  try {
    link = readlinkSync(path);
  } catch {
    return path; // not a link
  }
  return endOfLinks(resolve(realpathSync(dirname(path)), link)); // ends: `statSync` has refused a loop
}

/** The file is opened exclusively, under a name that cannot be guessed: a link planted there is not followed. */
function writeProbe(path: string): void {
  const file = openSync(path, 'wx');
  try {
    if (writeSync(file, PROBE) < PROBE.length) throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' });
  } finally {
    unlinkSync(path);
    closeSync(file);
  }
}

function reason(code: string | undefined, folder: string): string | undefined {
  const denied = `nothing can be written in the folder ${folder}`;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: `the folder ${folder} is missing`,
    ENOTDIR: `${folder} is not a folder`,
    EACCES: denied,
    EPERM: denied,
    EROFS: denied,
    ENOSPC: 'the disk is full',
  };
  return reasons[code ?? ''];
}
