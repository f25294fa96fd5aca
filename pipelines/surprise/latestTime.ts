import { statOf } from './statOf.js';

/** Gives the time that no line is later than: when a file was last written to that is read to its end, or else now. */
export function latestTime(file: string | undefined, follow: boolean): () => number {
  const found = file === undefined || follow ? undefined : statOf(file);
  return found?.isFile() ? () => Number(found.mtimeMs) : Date.now;
}
