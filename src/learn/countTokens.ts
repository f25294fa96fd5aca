import type { Window } from '../types.js';

/** Checks target tokens and returns how many count: all but those under the mask and those that are `ignoreIndex`. */
export function countTokens(
  loss: string,
  targets: Int32Array,
  { mask }: Pick<Window, 'mask'>,
  rows: number,
  vocabulary: number,
  ignoreIndex: number,
): number {
  if (targets.length !== rows) throw new RangeError(`${loss}: needs ${rows} targets, got ${targets.length}`);
  let count = 0;
  for (let r = 0; r < rows; r++) {
    if ((mask && mask[r] === 0) || targets[r] === ignoreIndex) continue;
    if (targets[r]! < 0 || targets[r]! >= vocabulary) {
      throw new RangeError(`${loss}: target ${targets[r]} is outside the vocabulary of ${vocabulary}`);
    }
    count++;
  }
  return count;
}
