import { closeSync, openSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Bytes written as a trial. */
const PROBE = new Uint8Array(0x10000);

/**
 * Throws an Error where a file cannot be written, before anything is trained: a file beside it is written as a trial and
 * removed at once. `option` is the option that named the file.
 */
export function checkWritable(path: string, option = '--out'): void {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() || path.endsWith('/')) throw new Error('it is a directory');
    if (found && !found.isFile()) throw new Error('it is a device or a pipe, not a file');
    writeProbe(join(dirname(path), `.${basename(path)}.tmp-${process.pid}-probe`));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`${option} ${path} cannot be written: ${reason(code, dirname(path)) ?? message}`, { cause: error });
  }
}

function writeProbe(path: string): void {
  const file = openSync(path, 'w');
  try {
    if (writeSync(file, PROBE) < PROBE.length) throw new Error('the disk is full');
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
