import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Refuses a place that cannot be written before anything is trained. */
export function checkWritable(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`--out ${path}: is a directory`);
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch {
    throw new Error(`--out ${path}: the folder ${dirname(path)} is missing or cannot be written`);
  }
}
