import type { File } from './file.js';

/** Throws a RangeError that names the file where the place of a bookmark, an offset, lies outside of what is read. */
export function checkPlace(
  { name, boundaries }: File,
  place: number,
  first: number = 0,
  last: number = Infinity,
): void {
  if (place < first) throw new RangeError(`${name}: begins after the place of the bookmark, byte ${place}`);
  if (place === 0) return; // a pipe has no size, and is read from its beginning
  const [end] = boundaries((size) => [Math.min(last, size)]);
  if (place > end!) throw new RangeError(`${name}: ends before the place of the bookmark`);
}
