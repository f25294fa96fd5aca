import { reasonOf } from '../check/reasonOf.js';
import { visible } from '../check/visible.js';
import { string } from '../check/string.js';
import { lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { lives } from './lives.js';

/**
 * Removes the temporary files that dead processes left in a folder while they were saving, and returns their paths.
 *
 * A file stays while a process of its number lives, unless that is this process and the file is older: containers use
 * the same numbers again and again. Processes of another machine cannot be seen, so a folder is for one machine.
 */
export function sweepTemporaries(folder: string): string[] {
  string('sweepTemporaries', 'folder', folder);
  const swept: string[] = [];
  for (const name of namesIn(folder)) {
    const found = /^\..+\.tmp-(\d+)-\d+$/.exec(name);
    if (!found) continue;
    const path = join(folder, name);
    try {
      const left =
        Number(found[1]) === process.pid ? lstatSync(path).mtimeMs < performance.timeOrigin : !lives(Number(found[1]));
      if (!left) continue;
      unlinkSync(path);
      swept.push(path);
    } catch {
      // Another process was faster, or we may not remove it: it only takes up room.
    }
  }
  return swept;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new Error(`sweepTemporaries: ${visible(folder)} could not be read: ${reasonOf(cause)}`, { cause });
  }
}
