import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { string } from '../check/string.js';
import { readDecimal } from './readDecimal.js';

/** How numbers are written. */
export interface DecimalNumberOptions {
  /** What separates the whole part from the fraction; a point by default. */
  readonly decimal?: '.' | ',' | undefined;
}

/**
 * Reads a number that a text writes in decimal, such as `3.5` or ` -2e3`; NaN where the text is anything else. A RangeError
 * for a number in another notation, which would be a wrong number or none: with the other decimal mark, or with
 * separators of thousands.
 *
 * ```ts
 * import { decimalNumber } from 'rxrnn';
 *
 * console.log(decimalNumber('-2.5e3'), decimalNumber('2,5', { decimal: ',' }), decimalNumber('none')); // -> -2500 2.5 NaN
 * ```
 */
export function decimalNumber(text: string, options: DecimalNumberOptions = {}): number {
  string('decimalNumber', 'text', text);
  const { decimal = '.' } = checkOptions('decimalNumber', options, { decimal: optional(oneOf('.', ',')) });
  return readDecimal(text, decimal);
}
