import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import { kindText } from './kindText.js';
import { otherThanText } from './otherThanText.js';

const LOOKED_AT = 4096; // characters

/** Passes the lines of a stream on, once; throws an Error at the first ones where they are not text: it says what they may be. */
export function checkTextLines(name: string): MonoTypeOperatorFunction<string> {
  let begin = '';
  let isOpen = true;
  return tap((line) => {
    if (!isOpen) return;
    begin = `${begin}${line.slice(0, LOOKED_AT)}\n`;
    const kind = otherThanText(begin.slice(0, LOOKED_AT));
    if (kind !== undefined) throw new Error(`${name} ${kindText(kind)}`);
    isOpen = begin.length < LOOKED_AT;
  });
}
