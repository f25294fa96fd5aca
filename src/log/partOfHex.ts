import { isDigit } from './isDigit.js';
import { isHexLetter } from './isHexLetter.js';

/** What is around a UUID's groups of letters alone: the first, and those of four. */
const BEFORE_GROUP = /[\da-f]{4}-$/i;
const AFTER_GROUP = /^-[\da-f]{4}/i;
const AROUND = 5; // characters of these
const PREFIX = /(?:^|[^\w])0x$/i;
const LEAST = 6; // letters that may be a number

/** What letters of a to f in a text belong to. */
export interface HexPart {
  /**
   * `number`: a digit is among the hexadecimal digits that they touch, or they are a group of a UUID. `perhaps`: they are six
   * letters or more, or come after `0x`. `word`: none of these.
   */
  readonly kind: 'number' | 'perhaps' | 'word';
  /** Where the hexadecimal digits that they touch begin, and how many these are. */
  readonly first: number;
  readonly length: number;
}

/**
 * Tells what the letters of a text from `from` to before `to` belong to, all of a to f: the same for all of the digits they touch.
 */
export function partOfHex(text: string, from: number, to: number): HexPart {
  const [first, digitBefore] = spread(text, from, -1);
  const [last, digitAfter] = spread(text, to - 1, 1);
  const length = last - first + 1;
  const of = (kind: HexPart['kind']): HexPart => ({ kind, first, length });
  if (isWord(text, last + 1)) return of('word');
  if (isWord(text, first - 1)) return of(PREFIX.test(text.slice(Math.max(0, first - 3), first)) ? 'perhaps' : 'word');
  if (digitBefore || digitAfter) return of('number');
  const begun = length === 8 || (length === 4 && BEFORE_GROUP.test(text.slice(Math.max(0, first - AROUND), first)));
  if (begun && AFTER_GROUP.test(text.slice(last + 1, last + 1 + AROUND))) return of('number');
  return of(length >= LEAST ? 'perhaps' : 'word');
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
