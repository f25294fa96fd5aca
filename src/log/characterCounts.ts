import { log } from '../kernel/math/log.js';
import { countTable, type CountTable } from './countTable.js';

/** Says how unlike the text before it a text is, and learns it. */
export interface CharacterCounts {
  /** Bits per character of a line, its end included. */
  add(line: string, from: number): number;
  /** Bits of what the line added last had from character `from` on; digits count as if all were equally likely. */
  readonly bits: number;
  readonly state: CountTable['state'];
}

const MOST_READ = 1024; // characters of a line
const SYMBOLS = 128; // equally likely where nothing is known
const DIGIT = 48; // all are one symbol
const NEWLINE = 10;
const BITS_PER_DIGIT = log(10) / Math.LN2;
const SMALL = 1e-200;

/** Makes a model of characters: what came after the last 0 to 4 of them, all digits alike. */
export function characterCounts(): CharacterCounts {
  const table = countTable({ contextBits: 18, pairBits: 19 });
  let bits = 0;
  const past = new Int32Array(1); // the last four symbols

  const contexts = Int32Array.of(0x5bd1e995, 0, 0, 0, 0); // of nothing, and of the last 1 to 4 symbols

  function shareOf(symbol: number): number {
    const last = past[0]!;
    contexts[1] = (last & 0xff) + 0x100;
    contexts[2] = (last & 0xffff) + 0x10000;
    contexts[3] = (last & 0xffffff) + 0x1000000;
    contexts[4] = Math.imul(last, 0x3d4d51cb) + 5;
    past[0] = (last << 8) | symbol;
    return table.learnAll(contexts, symbol, 1 / SYMBOLS);
  }
  return {
    add(line, from) {
      const end = Math.min(line.length, MOST_READ);
      let all = 0;
      let product = 1;
      let digits = 0;
      bits = 0;
      for (let i = 0; i <= end; i++) {
        if (i === from) {
          [all, product] = [all - log(product), 1];
          bits = -all;
        }
        let symbol = i < end ? line.charCodeAt(i) : NEWLINE;
        if (symbol >= 48 && symbol <= 57) {
          symbol = DIGIT;
          if (i >= from) digits += 1;
        } else if (symbol >= SYMBOLS) symbol = SYMBOLS + (Math.imul(symbol, 0x9e3779b1) >>> 25);
        product *= shareOf(symbol);
        if (product < SMALL) [all, product] = [all - log(product), 1];
      }
      all -= log(product);
      bits = (bits + all) / Math.LN2 + digits * BITS_PER_DIGIT;
      return all / Math.LN2 / (end + 1);
    },
    get bits() {
      return bits;
    },
    state: { ...table.state, past },
  };
}
