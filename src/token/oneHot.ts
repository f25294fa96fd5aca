import { map, type OperatorFunction } from 'rxjs';
import type { Token } from '../types.js';

/**
 * Turns tokens into one-hot vectors of `size` numbers, all 0 for the token `-1`, which is no input.
 *
 * ```
 * tokens     -1---------(-1)------|
 * oneHot(3)  -[0,1,0]---[0,0,0]---|
 * ```
 *
 * Each vector is fresh. For teaching: layers take tokens as they are and pick the column instead. A token outside the
 * range ends the stream with a RangeError; a `size` that is not a positive integer is one at once.
 */
export function oneHot(size: number): OperatorFunction<Token, Float64Array> {
  if (!(Number.isInteger(size) && size >= 1)) {
    throw new RangeError(`oneHot: size must be a positive integer, got ${size}`);
  }
  return map((token) => {
    if (!(Number.isInteger(token) && token >= -1 && token < size)) {
      throw new RangeError(`oneHot: a token must be an integer from -1 to ${size - 1}, got ${token}`);
    }
    const vector = new Float64Array(size);
    if (token >= 0) vector[token] = 1;
    return vector;
  });
}
