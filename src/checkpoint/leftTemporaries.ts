import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hostNumber } from './hostNumber.js';
import { lives } from './lives.js';

/** A temporary name: its beginning, the process, and a number that begins with the machine's where it is as long as ours. */
const FORM = /^(.+\.tmp-)(\d+)-(?:(\d{9})(?=\d{15}$))?\d+$/s;

/** Milliseconds after which what another machine writes is taken for left: its processes cannot be seen. */
const DAY = 86_400_000;

/**
 * Finds the temporary files in a folder that processes have left which were killed: all that are hidden, or those whose
 * names have the beginning of `temporaryName`.
 *
 * A file stays while a process of its number lives on this machine, also another user's; where it is this process, while the
 * file is not older: containers use the same numbers again and again. One of another machine stays until nothing was
 * written to it for a day. Links and folders are not ours.
 */
export function leftTemporaries(
  folder: string,
  beginning?: string,
  names: readonly string[] = readdirSync(folder),
): string[] {
  return names.flatMap((name) => {
    const [, begins, pid, host] = FORM.exec(name) ?? [];
    if (begins === undefined || !(beginning === undefined ? name.startsWith('.') : begins === beginning)) return [];
    const path = join(folder, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found?.isFile() && isLeft(Number(pid), host, found.mtimeMs) ? [path] : [];
  });
}

function isLeft(pid: number, host: string | undefined, written: number): boolean {
  const { timeOrigin } = performance; // when this process started
  if (host !== undefined && host !== hostNumber()) return timeOrigin + performance.now() - written > DAY;
  return pid === process.pid ? written < timeOrigin : !lives(pid);
}
