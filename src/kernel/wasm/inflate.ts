/** Lengths of codes are at most this. */
const MOST_BITS = 15;
/** The order in which a block gives the lengths of the codes for lengths. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const [END, FIRST_LENGTH] = [256, 257];

/**
 * Inflates bytes that zlib's `deflateRawSync` gave, to an array of exactly their length before. Nothing is checked: what it
 * reads is part of the program.
 *
 * Where a module is stored as text, deflated text is a third of the size. Engines inflate only by promises, and the kernel
 * is needed at once. RFC 1951.
 */
export function inflate(input: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length);
  let [at, held, bits, to] = [0, 0, 0, 0];

  function read(count: number): number {
    for (; bits < count; bits += 8) held |= input[at++]! << bits;
    const value = held & ((1 << count) - 1);
    held >>>= count;
    bits -= count;
    return value;
  }
  /** Reads a symbol: of all that begin with the next bits, a table has the code and its length. */
  function symbol(table: Uint16Array): number {
    for (; bits < MOST_BITS; bits += 8) held |= (input[at++] ?? 0) << bits;
    const found = table[held & ((1 << MOST_BITS) - 1)]!;
    held >>>= found & 15;
    bits -= found & 15;
    return found >> 4;
  }
  /** Reads the lengths of the codes of a block, themselves in a code: 16 repeats the last one, 17 and 18 zeros. */
  function readTables(): [symbols: Uint16Array, distances: Uint16Array] {
    const [symbols, distances, given] = [read(5) + FIRST_LENGTH, read(5) + 1, read(4) + 4];
    const ofLengths = new Uint8Array(ORDER.length);
    for (const place of ORDER.slice(0, given)) ofLengths[place] = read(3);
    const table = tableOf(ofLengths);
    const lengths = new Uint8Array(symbols + distances);
    for (let i = 0; i < lengths.length;) {
      const code = symbol(table);
      if (code < 16) lengths[i++] = code;
      else {
        const last = code === 16 ? lengths[i - 1]! : 0;
        const count = code === 16 ? 3 + read(2) : code === 17 ? 3 + read(3) : 11 + read(7);
        lengths.fill(last, i, (i += count));
      }
    }
    return [tableOf(lengths.subarray(0, symbols)), tableOf(lengths.subarray(symbols))];
  }

  for (let last = 0; last === 0;) {
    last = read(1);
    const kind = read(2);
    if (kind === 0) {
      read(bits % 8); // to the next byte
      const count = read(16);
      read(16); // its complement
      at -= bits / 8;
      held = bits = 0;
      output.set(input.subarray(at, at + count), to);
      at += count;
      to += count;
      continue;
    }
    const [symbols, distances] = kind === 1 ? fixedTables() : readTables();
    for (let code = symbol(symbols); code !== END; code = symbol(symbols)) {
      if (code < END) {
        output[to++] = code;
        continue;
      }
      const size = rangeOf(code - FIRST_LENGTH, 4) + 3;
      const back = rangeOf(symbol(distances), 2) + 1;
      if (back >= size) output.copyWithin(to, to - back, to - back + size);
      else for (let i = to; i < to + size; i++) output[i] = output[i - back]!; // what it copies is still being written
      to += size;
    }
  }
  return output;

  /** The value of a code of ranges, of which each `group` have one more bit after the code. */
  function rangeOf(code: number, group: number): number {
    if (group === 4 && code === 28) return 255; // the longest match has no bits
    const more = Math.max(0, Math.floor(code / group) - 1);
    return more === 0 ? code : ((group + (code % group)) << more) + read(more);
  }
}

/** For every next `MOST_BITS` bits the symbol that they begin with, times 16, and the length of its code. */
function tableOf(lengths: Uint8Array): Uint16Array {
  const table = new Uint16Array(1 << MOST_BITS);
  let code = 0;
  for (let length = 1; length <= MOST_BITS; length++) {
    for (let symbol = lengths.indexOf(length); symbol >= 0; symbol = lengths.indexOf(length, symbol + 1)) {
      let turned = 0; // codes are stored from their highest bit
      for (let i = 0; i < length; i++) turned |= ((code >> i) & 1) << (length - 1 - i);
      for (let i = turned; i < table.length; i += 1 << length) table[i] = (symbol << 4) | length;
      code += 1;
    }
    code <<= 1;
  }
  return table;
}

/** The codes of a block that gives none. */
function fixedTables(): [symbols: Uint16Array, distances: Uint16Array] {
  const lengths = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280);
  return [tableOf(lengths), tableOf(new Uint8Array(30).fill(5))];
}
