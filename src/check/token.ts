/** Throws a RangeError unless `value` is a token of a vocabulary of `size` symbols: an integer from 0 to `size − 1`. */
export function token(who: string, value: number, size: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value < size)) {
    throw new RangeError(`${who}: token ${String(value)} is outside the vocabulary of ${size}`);
  }
}
