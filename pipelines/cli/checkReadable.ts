import { statSync } from 'node:fs';

/** Throws an Error where a path is not a file to read. */
export function checkReadable(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new Error(`${path}: there is no such file`);
  if (found.isDirectory()) throw new Error(`${path}: is a directory, expected a file`);
}
