import { isBinary } from './isBinary.js';
import { type DataKind, kindOfData } from './kindOfData.js';

const SHARE = 0.05; // of characters that no text has
const LEAST = 4;

/** What data is by its beginning, with U+FFFD for what is not UTF-8; undefined where it is text. */
export function otherThanText(begin: string): DataKind | undefined {
  const kind = kindOfData(begin.slice(0, 64));
  if (kind.what !== kindOfData('').what) return kind;
  const binary = Array.from(begin).filter((symbol) => isBinary(symbol.codePointAt(0)!)).length;
  return binary < LEAST || binary <= SHARE * begin.length ? undefined : kind;
}
