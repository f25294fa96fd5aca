import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Removes from a folder what `writeFileAtomic` left there in processes that are dead, and returns the paths.
 *
 * A file is left alone while a process of its number lives, unless that is this one and the file is older than it:
 * containers give the same numbers again and again. Another machine's processes cannot be seen: a folder is for one.
 */
export function sweepTemporaries(folder: string): string[] {
  const swept: string[] = [];
  for (const name of readdirSync(folder)) {
    const found = /^\..+\.tmp-(\d+)-\d+$/.exec(name);
    if (!found) continue;
    const path = join(folder, name);
    try {
      const left =
        Number(found[1]) === process.pid ? statSync(path).mtimeMs < performance.timeOrigin : !lives(Number(found[1]));
      if (!left) continue;
      unlinkSync(path);
      swept.push(path);
    } catch {
      // Somebody else was faster, or it is not ours to remove: it takes room and nothing more.
    }
  }
  return swept;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // EPERM: it lives, and is another user's
  }
}
