import { show } from '../check/show.js';
import type { Numbers, Window } from '../types.js';

/** Throws unless each of the targets that count is a number between 0 and 1. */
export function checkShares(
  name: string,
  targets: Numbers,
  { lanes, mask }: Window,
  rows: number,
  width: number,
): void {
  for (let r = 0, i = 0; r < rows; r++) {
    const counts = !mask || mask[r] !== 0;
    for (let n = 0; n < width; n++, i++) {
      if (counts && !(targets[i]! >= 0 && targets[i]! <= 1)) {
        const place = `step ${Math.floor(r / lanes)}, lane ${r % lanes}, number ${n}`;
        throw new RangeError(`${name}: targets must be in [0, 1], got ${targets[i]} as target ${i} (${place})`);
      }
    }
  }
}

/** Throws unless each weight is a finite number from 0 up. */
export function checkWeights(name: string, option: string, weights: ArrayLike<number>): void {
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i]! >= 0 && weights[i]! < Infinity)) {
      throw new RangeError(`${name}: ${option} must be numbers from 0 up, got ${show(weights[i])}`);
    }
  }
}
