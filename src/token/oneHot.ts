import { map, type OperatorFunction } from 'rxjs';
import { positiveInteger } from '../check/positiveInteger.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { Token } from '../types.js';

/**
 * Turns tokens into one-hot vectors of `size` numbers, all 0 for the token `-1`, which means "no input".
 *
 * ```
 * tokens     -1---------(-1)------|
 * oneHot(3)  -[0,1,0]---[0,0,0]---|
 * ```
 *
 * Each vector is a new array. For teaching: layers take tokens as they are and pick the column instead. A token outside
 * the range ends the stream with a RangeError; a `size` that is not a positive integer throws one at once.
 */
export function oneHot(size: number): OperatorFunction<Token, Float64Array> {
  positiveInteger('oneHot', 'size', size);
  const check = wholeNumber(-1, size - 1);
  return map((token, index) => {
    if (!(Number.isInteger(token) && token >= -1 && token < size)) check('oneHot', `token at index ${index}`, token);
    const vector = new Float64Array(size);
    if (token >= 0) vector[token] = 1;
    return vector;
  });
}
