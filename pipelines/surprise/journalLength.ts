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
 * where there is none. U+FFFD is in place of a byte from 128 up or of several, and a line end of the byte 10, 13 or both: of
 * those only the bounds are known.
 */
export function journalLength(text: string): JournalLength | undefined {
  const [, low = '', zeros = ''] = LENGTH.exec(text) ?? [];
  let [least, most, place] = [0, 0, 0];
  for (const symbol of low) {
    const bounds = symbol === '\ufffd' ? [[0x80, 0xff]] : symbol === '\n' ? [[10, 13]] : boundsOf(symbol);
    for (const [lowest, highest] of bounds) {
      least += lowest! * 256 ** place;
      most += highest! * 256 ** place;
      place += 1;
    }
  }
  if (zeros === '' || place > BYTES - ZEROS) return undefined;
  const used = Math.min(zeros.length, BYTES - place); // further ones are the value's
  const wide = BYTES - used; // bytes before the zeros
  if (place < wide) [least, most] = [256 ** (wide - 1), 256 ** wide - 1]; // a symbol was several of them
  return { least, most, rest: text.slice(low.length + used) };
}

function boundsOf(symbol: string): number[][] {
  return Array.from(Buffer.from(symbol), (byte) => [byte, byte]);
}
