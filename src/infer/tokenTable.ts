import type { Token } from '../types.js';

/** A small number from 0 up for each of some tokens, in memory of the order of how many they are. */
export interface TokenTable {
  /** The number of a token, or −1. */
  get(token: Token): number;
  set(token: Token, value: number): void;
}

/** An empty table with room for so many tokens, which grows: open addressing, at most half full. */
export function tokenTable(room: number): TokenTable {
  let size = 0;
  let bits = 33 - Math.clz32(Math.max(room, 2) - 1); // twice the next power of two
  let cells = emptyCells(bits); // a token and its number each

  /** Where a token is, or the empty cell where it would be. */
  function cellOf(token: Token): number {
    const last = cells.length - 2;
    let cell = (Math.imul(token, GOLDEN) >>> (32 - bits)) * 2;
    while (cells[cell] !== token && cells[cell] !== NO_TOKEN) cell = (cell + 2) & last;
    return cell;
  }

  function grow(): void {
    const old = cells;
    bits += 1;
    cells = emptyCells(bits);
    for (let cell = 0; cell < old.length; cell += 2) {
      if (old[cell] === NO_TOKEN) continue;
      const to = cellOf(old[cell]!);
      cells[to] = old[cell]!;
      cells[to + 1] = old[cell + 1]!;
    }
  }

  return {
    get(token) {
      const cell = cellOf(token);
      return cells[cell] === token ? cells[cell + 1]! : -1;
    },
    set(token, value) {
      let cell = cellOf(token);
      if (cells[cell] !== token) {
        if (4 * ++size > cells.length) {
          grow();
          cell = cellOf(token);
        }
        cells[cell] = token;
      }
      cells[cell + 1] = value;
    },
  };
}

const NO_TOKEN = -1;

/** 2^32 over the golden ratio: the upper bits of its products spread numbers that follow each other (Knuth, volume 3, 6.4). */
const GOLDEN = 0x9e3779b1;

function emptyCells(bits: number): Int32Array {
  return new Int32Array(2 ** (bits + 1)).fill(NO_TOKEN);
}
