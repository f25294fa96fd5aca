import type { MonoTypeOperatorFunction } from 'rxjs';
import { operator, visible } from '../../src/index.js';
import { isBinary } from '../cli/isBinary.js';
import { kindOfData } from '../cli/kindOfData.js';
import { kindText } from '../cli/kindText.js';
import type { PlacedLine } from './logSource.js';

const LOOKED_AT = 65_536; // characters
const SHARE = 0.05; // of characters that no text has
const LEAST = 8;

/** Says once, of the first 65,536 characters, that a log is not text, and what it may be; the lines are passed on as they are. */
export function warnOfBinary(name: string, say: (text: string) => void): MonoTypeOperatorFunction<PlacedLine> {
  return operator<PlacedLine, PlacedLine>((subscriber) => {
    let first: string | undefined;
    let looked = 0;
    let found = 0;
    return {
      next(placed) {
        if (looked < LOOKED_AT) {
          const text = placed.line.slice(0, LOOKED_AT - looked);
          first ??= text.slice(0, 64);
          looked += text.length + 1;
          for (let i = 0; i < text.length; i++) if (isBinary(text.charCodeAt(i))) found += 1;
          if (found >= LEAST && found > SHARE * looked) {
            looked = LOOKED_AT;
            say(`${visible(name)} ${kindText(kindOfData(first))}; its lines are scored as they are`);
          }
        }
        subscriber.next(placed);
      },
    };
  });
}
