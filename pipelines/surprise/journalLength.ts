/** How many bytes a value has, as far as decoded text tells. */
export interface JournalLength {
  readonly least: number;
  readonly most: number;
  /** The text behind the length. */
  readonly rest: string;
}

const BYTES = 8; // little endian
const ZEROS = 4; // no value is as long as 4 GiB
const LENGTH = new RegExp(`^([^]{0,${BYTES - ZEROS}}?)(\\0{${ZEROS},${BYTES}})`, 'u');

/**
 * Reads the length before a value of journald's export format, in lines that were decoded and are joined by `\n`; undefined
 * where there is none. A byte that is not UTF-8 is a lone surrogate, and a line end is in place of the byte 10, 13 or both:
 * of those only the bounds are known.
 */
export function journalLength(text: string): JournalLength | undefined {
  const [, low = '', zeros = ''] = LENGTH.exec(text) ?? [];
  let [least, most, place] = [0, 0, 0];
  for (const symbol of low) {
    const bounds = symbol === '\n' ? [[10, 13]] : boundsOf(symbol);
    for (const [lowest, highest] of bounds) {
      least += lowest! * 256 ** place;
      most += highest! * 256 ** place;
      place += 1;
    }
  }
  if (zeros === '' || place > BYTES - ZEROS) return undefined;
  const used = Math.min(zeros.length, BYTES - place); // further ones are the value's
  const wide = BYTES - used; // bytes before the zeros
  if (place < wide) [least, most] = [256 ** (wide - 1), 256 ** wide - 1]; // a line end was several of them
  return { least, most, rest: text.slice(low.length + used) };
}

function boundsOf(symbol: string): number[][] {
  const kept = keptByte(symbol);
  return kept === undefined ? Array.from(Buffer.from(symbol), (byte) => [byte, byte]) : [[kept, kept]];
}

/** The byte that a lone surrogate is in place of. */
function keptByte(symbol: string): number | undefined {
  const code = symbol.charCodeAt(0);
  return code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : undefined;
}
