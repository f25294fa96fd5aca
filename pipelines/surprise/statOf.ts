import { type BigIntStats, statSync } from 'node:fs';

/** What the name leads to now; undefined where it leads nowhere: the reader of the file says why, and ends the run if it must. */
export function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined; // such as a link to itself, or a folder that may not be searched any more
  }
}
