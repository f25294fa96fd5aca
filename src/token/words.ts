import type { OperatorFunction } from 'rxjs';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { string } from '../check/string.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { operator } from '../flow/operator.js';

/**
 * Joins code points into words: runs of letters, digits and marks, with the apostrophes inside them. Every other code
 * point, white space included, is a symbol of its own, so that joining all symbols gives the text back exactly.
 *
 * ```
 * code points  -D-o-n-'-t- -g-o-.-|
 * words()      ----------(x )---(y.|)     x = "Don't", y = "go"
 * ```
 *
 * Write `from(Array.from(text))` for a text in memory, since `from(text)` gives UTF-16 units, which are halves of some code
 * points. A word longer than `maxLength` UTF-16 units (256 by default) is cut there, so that memory stays bounded on a text
 * without gaps, such as base64. An error drops a word that has not ended. A RangeError at once for a `maxLength` that is not an
 * integer of 2 or more.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { words } from 'rxrnn';
 *
 * from(Array.from("Don't go."))
 *   .pipe(words())
 *   .subscribe((word) => console.log(JSON.stringify(word)));
 * // -> "Don't"
 * // -> " "
 * // -> "go"
 * // -> "."
 * ```
 */
export function words(given: { readonly maxLength?: number } = {}): OperatorFunction<string, string> {
  given = options('words', given, { maxLength: optional(wholeNumber(2)) });
  const { maxLength = 256 } = given;
  return operator((subscriber) => {
    let word = '';
    let index = 0;
    let apostrophe = ''; // held back until the next code point shows whether it is inside the word

    function flush(): void {
      const [left, right] = [word, apostrophe];
      word = apostrophe = '';
      if (left !== '') subscriber.next(left);
      if (right !== '') subscriber.next(right);
    }
    return {
      next(point) {
        if (typeof point !== 'string') string('words', `code point at index ${index}`, point);
        index++;
        if (inWord(point)) {
          if (word.length + apostrophe.length + point.length > maxLength) flush();
          word += apostrophe + point;
          apostrophe = '';
        } else if (word !== '' && apostrophe === '' && (point === "'" || point === '\u2019')) {
          apostrophe = point;
        } else {
          flush();
          subscriber.next(point);
        }
      },
      complete() {
        flush();
        subscriber.complete();
      },
    };
  });
}

/** Letters, digits and marks; the common ones without a regular expression. */
function inWord(point: string): boolean {
  const unit = point.charCodeAt(0);
  if (unit >= 0x80) return WORD.test(point);
  const lower = unit | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (unit >= 0x30 && unit <= 0x39);
}

const WORD = /^[\p{L}\p{N}\p{M}]/u;
