import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import { isBinary } from './isBinary.js';
import { kindText } from './kindText.js';
import { otherThanText } from './otherThanText.js';

const LOOKED_AT = 4096; // characters
const HEAD = 64; // of them, which say the kind of a file

/** Passes the lines of a stream on, once; throws an Error at the first ones where they are not text: it says what they may be. */
export function checkTextLines(name: string): MonoTypeOperatorFunction<string> {
  let begin = '';
  let isOpen = true;
  return tap((line) => {
    if (!isOpen) return;
    const next = line.slice(0, LOOKED_AT);
    const mayDiffer = begin.length < HEAD || hasBinary(next); // or else the lines are text as those before them
    begin = `${begin}${next}\n`;
    const kind = mayDiffer ? otherThanText(begin.slice(0, LOOKED_AT)) : undefined;
    if (kind !== undefined) throw new Error(`${name} ${kindText(kind)}`);
    isOpen = begin.length < LOOKED_AT;
  });
}

function hasBinary(text: string): boolean {
  for (const symbol of text) if (isBinary(symbol.codePointAt(0)!)) return true;
  return false;
}
