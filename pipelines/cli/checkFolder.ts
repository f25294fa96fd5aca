import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { checkWritable } from './checkWritable.js';

/**
 * Throws an Error where a folder, or the nearest one above it that exists, cannot be written. It comes before
 * `mkdirSync(folder, { recursive: true })`, which never returns where the system makes no folders, as in /proc.
 */
export function checkFolder(folder: string, option: string): void {
  let nearest = resolve(folder);
  while (!existsSync(nearest)) nearest = dirname(nearest);
  try {
    checkWritable(join(nearest, 'file'), option);
  } catch (cause) {
    throw new Error(`${option} ${folder} cannot be made: nothing can be written in the folder ${nearest}`, { cause });
  }
}
