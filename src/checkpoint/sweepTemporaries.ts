import { reasonOf } from '../check/reasonOf.js';
import { visible } from '../check/visible.js';
import { string } from '../check/string.js';
import { leftTemporaries } from './leftTemporaries.js';
import { removeLeft } from './removeLeft.js';

/**
 * Removes the temporary files that dead processes left in a folder while they were saving, and returns their paths.
 *
 * A file stays while a process of its number lives, unless that is this process and the file is older: containers use
 * the same numbers again and again. Processes of another machine cannot be seen: a file of theirs stays until nothing was
 * written to it for a day. `replaceFile` does this by itself for the file that it replaces, and all that write files
 * whole with it.
 */
export function sweepTemporaries(folder: string): string[] {
  string('sweepTemporaries', 'folder', folder);
  return removeLeft(leftIn(folder));
}

function leftIn(folder: string): string[] {
  try {
    return leftTemporaries(folder);
  } catch (cause) {
    throw new Error(`sweepTemporaries: ${visible(folder)} could not be read: ${reasonOf(cause)}`, { cause });
  }
}
