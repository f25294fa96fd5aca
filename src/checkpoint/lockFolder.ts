import { join } from 'node:path';
import { lockFile } from './lockFile.js';

/** Takes a folder for this run alone, by a file `.lock` in it, and returns the function that gives it back: `lockFile`. */
export function lockFolder(folder: string): () => void {
  return lockFile(join(folder, '.lock'), folder);
}
