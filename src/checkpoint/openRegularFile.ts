import { closeSync, constants, fstatSync, openSync, type Stats, statSync } from 'node:fs';

/** A file that is open. */
export interface OpenFile {
  readonly descriptor: number;
  /** Its size in bytes. */
  readonly size: number;
}

/**
 * Opens a file to be read, for the caller to close. An Error for what is not a regular file: a device or a pipe may have no
 * end, or nothing to read for ever, so it is not even opened.
 */
export function openRegularFile(path: string): OpenFile {
  check(statSync(path));
  // Without waiting, should a pipe have taken its place.
  const descriptor = openSync(path, constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0));
  try {
    const stats = fstatSync(descriptor);
    check(stats);
    return { descriptor, size: stats.size };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function check(stats: Stats): void {
  if (stats.isDirectory()) throw new Error('it is a directory, expected a file');
  if (!stats.isFile()) throw new Error('it is a device or a pipe, expected a regular file');
}
