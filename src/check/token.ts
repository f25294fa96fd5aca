import { show } from './show.js';

/**
 * Throws a RangeError unless `value` is a token of a vocabulary of `size` symbols: an integer from 0 to `size − 1`. `index`
 * is its place in the stream, from 0, where it comes from one.
 */
export function token(who: string, value: number, size: number, index?: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value < size)) {
    const where = index === undefined ? '' : ` at index ${index}`;
    throw new RangeError(`${who}: token ${show(value)}${where} is outside the vocabulary of ${size}`);
  }
}
