import { lstatSync } from 'node:fs';
import { lives } from './lives.js';

/**
 * Whether the process of this number that made a temporary file is dead. A file counts as its own while a process of the
 * number lives, unless that is this process and the file is older: containers use the same numbers again and again.
 */
export function isLeft(path: string, pid: number): boolean {
  return pid === process.pid ? lstatSync(path).mtimeMs < performance.timeOrigin : !lives(pid);
}
