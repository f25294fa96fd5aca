import { unlinkSync } from 'node:fs';

/** Removes files that were left, and returns the paths of those that it could remove. */
export function removeLeft(paths: readonly string[]): string[] {
  return paths.filter((path) => {
    try {
      unlinkSync(path);
      return true;
    } catch {
      return false; // another process was faster, or we may not remove it: it only takes up room
    }
  });
}
