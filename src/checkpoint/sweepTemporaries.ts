import { reasonOf } from '../check/reasonOf.js';
import { visible } from '../check/visible.js';
import { string } from '../check/string.js';
import { readdirSync } from 'node:fs';
import { removeLeft } from './removeLeft.js';

/**
 * Removes the temporary files that dead processes left in a folder while they were saving, and returns their paths.
 *
 * A file stays while a process of its number lives, unless that is this process and the file is older: containers use
 * the same numbers again and again. Processes of another machine cannot be seen, so a folder is for one machine.
 */
export function sweepTemporaries(folder: string): string[] {
  string('sweepTemporaries', 'folder', folder);
  return removeLeft(folder, namesIn(folder));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new Error(`sweepTemporaries: ${visible(folder)} could not be read: ${reasonOf(cause)}`, { cause });
  }
}
