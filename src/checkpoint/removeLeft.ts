import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isLeft } from './isLeft.js';

/** Removes those of the names in a folder that are temporary files of dead processes, and returns their paths. */
export function removeLeft(folder: string, names: readonly string[]): string[] {
  const removed: string[] = [];
  for (const name of names) {
    const found = /^\..+\.tmp-(\d+)-\d+$/.exec(name);
    if (!found) continue;
    const path = join(folder, name);
    try {
      if (!isLeft(path, Number(found[1]))) continue;
      unlinkSync(path);
      removed.push(path);
    } catch {
      // Another process was faster, or we may not remove it: it only takes up room.
    }
  }
  return removed;
}
