import type { MonoTypeOperatorFunction } from 'rxjs';
import { operator, visible } from '../../src/index.js';
import type { PlacedLine } from './logSource.js';

const LOOKED_AT = 65_536; // characters
const SHARE = 0.05; // of characters that no text has
const LEAST = 8;
const ESC = 27; // of colours
const INVALID = 0xfffd; // in place of bytes that are not UTF-8
/** How files of other kinds begin. */
const KINDS: readonly (readonly [begin: string, what: string])[] = [
  ['\u001f\ufffd\b', 'is compressed by gzip: zcat FILE | … reads it'],
  ['(\ufffd/\ufffd', 'is compressed by zstd: zstdcat FILE | … reads it'],
  ['\ufffd7zXZ', 'is compressed by xz: xzcat FILE | … reads it'],
  ['BZh91AY&SY', 'is compressed by bzip2: bzcat FILE | … reads it'],
  ['PK\u0003\u0004', 'is a ZIP archive: unzip -p FILE | … reads it'],
  ['LPKSHHRH', 'is a journal of systemd: journalctl --file FILE | … reads it'],
];
const UTF_16 = 'is UTF-16: iconv -f UTF-16 -t UTF-8 FILE | … reads it';

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
            say(`${visible(name)} ${kindOf(first)}; its lines are scored as they are`);
          }
        }
        subscriber.next(placed);
      },
    };
  });
}

function isBinary(code: number): boolean {
  return code < 9 || (code > 13 && code < 32 && code !== ESC) || code === 127 || code === INVALID;
}

function kindOf(first: string): string {
  const known = KINDS.find(([begin]) => first.startsWith(begin));
  if (known) return known[1];
  const text = first.replace(/^\ufffd\ufffd/, ''); // the mark of its byte order
  const nulls = Array.from(text, (symbol, i) => (symbol === '\0' ? i % 2 : -1)).filter((place) => place >= 0);
  const isWide = nulls.length > text.length / 3 && new Set(nulls).size === 1;
  return isWide ? UTF_16 : 'is not text, or not in UTF-8';
}
