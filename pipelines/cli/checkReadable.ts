import { statSync } from 'node:fs';

/** Throws an Error where a path is not a regular file: a device or a pipe may have no end. `pipes` of true allows them. */
export function checkReadable(path: string, { pipes = false }: { pipes?: boolean } = {}): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new Error(`${path}: there is no such file`);
  if (found.isDirectory()) throw new Error(`${path}: is a directory, expected a file`);
  if (!found.isFile() && !pipes) throw new Error(`${path}: is a device or a pipe, expected a regular file`);
}
