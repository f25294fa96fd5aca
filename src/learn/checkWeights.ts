import { show } from '../check/show.js';

/** Throws unless each weight is a finite number from 0 up. */
export function checkWeights(name: string, option: string, weights: ArrayLike<number>): void {
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i]! >= 0 && weights[i]! < Infinity)) {
      throw new RangeError(`${name}: ${option} must be numbers from 0 up, got ${show(weights[i])}`);
    }
  }
}
