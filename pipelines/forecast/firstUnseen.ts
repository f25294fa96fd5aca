import { resolve } from 'node:path';
import { isMilliseconds } from '../cli/isMilliseconds.js';
import { timeOf } from '../cli/timeOf.js';
import type { Series } from './readSeries.js';
import { afterMarked, type RowMarks } from './rowMarks.js';

/** The rows that a model has learned from, and those that it was chosen by. */
export interface Seen {
  readonly path: string;
  readonly rows: number;
  /** The time of the last of them, where the file has times. */
  readonly until?: string | undefined;
  /** What they are known by without times; absent from files of earlier versions. */
  readonly marks?: RowMarks | undefined;
}

/**
 * The first row of a series that comes after those that a model has seen: by their times or, where those can't be
 * compared, by their numbers, or by how many they are where the file is the same. Undefined where nothing tells which rows
 * the model has seen.
 */
export function firstUnseen({ path, rows, times }: Series, { until, ...seen }: Seen): number | undefined {
  const end = until === undefined ? NaN : millisecondsOf(until);
  if (times.length > 0 && !Number.isNaN(end)) {
    const all = times.map(millisecondsOf);
    if (!all.some(Number.isNaN)) return 1 + all.findLastIndex((time) => time <= end);
  }
  const same = until === undefined ? -1 : times.lastIndexOf(until);
  if (same >= 0) return same + 1;
  const known = seen.marks && afterMarked(rows, seen.marks, seen.rows);
  if (known !== undefined) return known;
  return resolve(path) === resolve(seen.path) ? Math.min(seen.rows, rows.length) : undefined;
}

/** The time of a text in milliseconds, also of a number that counts seconds. */
function millisecondsOf(text: string): number {
  const time = timeOf(text);
  return time === Number(text) && !isMilliseconds(time) ? 1000 * time : time;
}
