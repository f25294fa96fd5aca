import { closeSync, openSync, readSync } from 'node:fs';
import type { Bookmark, Token, Vocabulary } from '../../src/index.js';

export interface FileLanesOptions {
  readonly symbols: Vocabulary;
  readonly lanes: number;
  /** The bytes to read, both ends between code points. */
  readonly start: number;
  readonly end: number;
  readonly bookmark?: Bookmark | undefined;
}

/**
 * Part of a file of UTF-8 as parallel streams of tokens, as `textLanes` gives those of a whole file: stretches of equal
 * length in bytes, interleaved, 64 KiB of each in memory. To pull; it ends with the shortest stretch.
 */
export function fileLanes(path: string, options: FileLanesOptions): () => Generator<Token, undefined> {
  return () => rows(path, options);
}

function* rows(path: string, options: FileLanesOptions): Generator<Token, undefined> {
  const { symbols, lanes, start, end, bookmark } = options;
  const descriptor = openSync(path, 'r');
  try {
    const cuts = Array.from({ length: lanes + 1 }, (_, lane) =>
      boundary(descriptor, start + Math.floor(((end - start) * lane) / lanes), end),
    );
    const stretches = cuts.slice(1).map((to, lane) => stretch(descriptor, cuts[lane]!, to, symbols, path));
    let lane = 0;
    const begin = bookmark?.keep('fileLanes', () => [lanes, end, lane, ...stretches.map(({ at }) => at)], true);
    if (begin) {
      if (begin[0] !== lanes || begin[1] !== end)
        throw new RangeError(`${path}: the run that is resumed read ${begin[0]} lanes of ${begin[1]} bytes`);
      lane = begin[2]!;
      for (const [i, it] of stretches.entries()) it.at = begin[3 + i]!;
    } else if (stretches.some((it) => it.at >= it.to)) {
      throw new RangeError(`${path}: too short for ${lanes} lanes`);
    }
    for (;;) {
      if (lane === 0 && stretches.some((it) => it.at >= it.to)) return undefined;
      const token = stretches[lane]!.take();
      lane = (lane + 1) % lanes;
      yield token;
    }
  } finally {
    closeSync(descriptor);
  }
}

interface Stretch {
  /** Of the next code point, in the file. */
  at: number;
  readonly to: number;
  take(): Token;
}

function stretch(descriptor: number, from: number, to: number, symbols: Vocabulary, path: string): Stretch {
  const ascii = Array.from({ length: 128 }, (_, code) => symbols.token(String.fromCharCode(code)));
  const bytes = Buffer.alloc(Math.min(0x10000, to - from + 4));
  let base = 0;
  let filled = 0;
  return {
    at: from,
    to,
    take() {
      if (this.at < base || this.at + 4 > base + filled) {
        base = this.at;
        filled = readSync(descriptor, bytes, 0, bytes.length, base);
      }
      const i = this.at - base;
      const lead = bytes[i]!;
      const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      const token = length === 1 ? ascii[lead] : symbols.token(bytes.toString('utf8', i, i + length));
      if (token === undefined || i >= filled) throw new Error(`${path}: was changed while it was read`);
      this.at += length;
      return token;
    },
  };
}

/** The first place from `at` on that is between two code points. */
function boundary(descriptor: number, at: number, end: number): number {
  const byte = Buffer.alloc(1);
  let place = at;
  while (place < end && readSync(descriptor, byte, 0, 1, place) === 1 && (byte[0]! & 0xc0) === 0x80) place++;
  return place;
}
