import { show } from '../check/show.js';

/** A row of numbers, one per column of a series. */
export type SeriesRow = ArrayLike<number>;

/**
 * Refuses what is not a row of finite numbers, as wide as the rows before (`size` 0: the first one), and returns its
 * width.
 */
export function checkRow(who: string, index: number, row: SeriesRow, size: number): number {
  const length: unknown = (row as SeriesRow | undefined | null)?.length;
  if (typeof row !== 'object' || !Number.isSafeInteger(length) || length === 0) {
    throw new TypeError(`${who}: row ${index} must be a list of numbers, got ${show(row)}`);
  }
  if (size !== 0 && length !== size) {
    throw new RangeError(`${who}: row ${index} must have ${size} numbers as those before, got ${show(length)}`);
  }
  for (let i = 0; i < row.length; i++) {
    if (Number.isFinite(row[i])) continue;
    throw new RangeError(`${who}: number ${i} of row ${index} must be finite, got ${show(row[i])}`);
  }
  return row.length;
}
