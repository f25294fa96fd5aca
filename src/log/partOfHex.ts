import { isDigit } from './isDigit.js';
import { isHexLetter } from './isHexLetter.js';

/** What is around a UUID's groups of letters alone: the first, and those of four. */
const BEFORE_GROUP = /[\da-f]{4}-$/i;
const AFTER_GROUP = /^-[\da-f]{4}/i;
const AROUND = 5; // characters of these

/**
 * Whether the letters of a text from `from` to before `to`, all of a to f, belong to a hexadecimal number or a UUID: a digit
 * is among the hexadecimal digits that they touch, or they are a group of a UUID. After `0x` they count as words: that a
 * log has such numbers says something of its lines.
 */
export function partOfHex(text: string, from: number, to: number): boolean {
  const [first, digitBefore] = spread(text, from, -1);
  const [last, digitAfter] = spread(text, to - 1, 1);
  if (isWord(text, first - 1) || isWord(text, last + 1)) return false;
  if (digitBefore || digitAfter) return true;
  const length = last - first + 1;
  const begun = length === 8 || (length === 4 && BEFORE_GROUP.test(text.slice(Math.max(0, first - AROUND), first)));
  return begun && AFTER_GROUP.test(text.slice(last + 1, last + 1 + AROUND));
}

/** Where hexadecimal digits end that begin beside a place, and whether 0 to 9 are among them. */
function spread(text: string, at: number, step: -1 | 1): [end: number, hasDigit: boolean] {
  let hasDigit = false;
  for (;;) {
    const code = text.charCodeAt(at + step); // NaN beyond the text
    if (isDigit(code)) hasDigit = true;
    else if (!isHexLetter(code)) return [at, hasDigit];
    at += step;
  }
}

function isWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  const lower = code | 32;
  return (lower >= 97 && lower <= 122) || code === 95 || code >= 192;
}
