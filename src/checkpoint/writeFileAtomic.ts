import { statSync } from 'node:fs';
import { reasonOf } from '../check/reasonOf.js';
import { visible } from '../check/visible.js';
import { replaceFile, type Replacement } from './replaceFile.js';

/**
 * Writes a file whole or not at all: after a crash, a kill or a full disk the path holds the old bytes or the new ones.
 *
 * On an error the temporary file of `replaceFile` is removed and the old file is as it was (unless only the last step, the
 * folder's way to the disk, failed: then the new one is in place); the error names the path and carries its cause. A killed
 * process leaves its temporary file, which the next write of the same path removes. Links, permissions and owners are kept; a
 * new file gets the permissions `mode` less the umask. What is not a file is refused. `who` is the function that the user
 * called, for messages. Pillai et al., All file systems are not created equal, OSDI 2014.
 */
export function writeFileAtomic(path: string, data: Uint8Array, who = 'writeFileAtomic', mode?: number): void {
  let replacement: Replacement | undefined;
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error('it is a directory');
    replacement = replaceFile(path, { mode });
    replacement.write(data);
    replacement.commit();
  } catch (cause) {
    replacement?.discard();
    throw new Error(`${who}: ${visible(path)} could not be written: ${reasonOf(cause)}`, { cause });
  }
}
