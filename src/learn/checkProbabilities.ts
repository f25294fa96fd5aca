import type { Numbers, Window } from '../types.js';

/** Throws unless each of the targets that count, and weigh anything, is a number between 0 and 1; `advice` ends the message. */
export function checkProbabilities(
  name: string,
  targets: Numbers,
  { lanes, mask }: Window,
  rows: number,
  width: number,
  weightOf: (r: number, n: number) => number = () => 1,
  advice = '',
): void {
  for (let r = 0, i = 0; r < rows; r++) {
    const counts = !mask || mask[r] !== 0;
    for (let n = 0; n < width; n++, i++) {
      if (counts && !(targets[i]! >= 0 && targets[i]! <= 1) && weightOf(r, n) !== 0) {
        const place = `step ${Math.floor(r / lanes)}, lane ${r % lanes}, number ${n}`;
        throw new RangeError(
          `${name}: targets must be in [0, 1], got ${targets[i]} as target ${i} (${place})${advice}`,
        );
      }
    }
  }
}
