import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { count, forkJoin, lastValueFrom, of, share, throwIfEmpty } from 'rxjs';
import { text, type Token, vocabulary, type Vocabulary } from '../../src/index.js';
import { fileLanes, type FileLanesOptions } from './fileLanes.js';

/** A text file to learn from: its first part as lanes that are read as they are demanded, its last part held out. */
export interface Corpus {
  readonly symbols: Vocabulary;
  /** Characters of the part to learn from, near enough to count epochs. */
  readonly characters: number;
  /** The held-out part, at most a mebibyte of it. */
  readonly heldOut: Int32Array;
  lanes(options: Pick<FileLanesOptions, 'lanes' | 'bookmark'>): () => Iterator<Token>;
}

const HELD_OUT_MOST = 0x100000;

/**
 * Reads a file of UTF-8 once, as a stream, for its length and, where none is given, its vocabulary; `heldOut` is the
 * share of its end, by position.
 */
export async function readCorpus(path: string, heldOut: number, given?: Vocabulary): Promise<Corpus> {
  const character$ = text(path).pipe(
    throwIfEmpty(() => new Error(`${path}: is empty`)),
    share(),
  );
  const vocabulary$ = given ? of(given) : character$.pipe(vocabulary());
  const [symbols, length] = await lastValueFrom(forkJoin([vocabulary$, character$.pipe(count())]));
  const [start, end, tail] = ends(path, heldOut);
  const tokens = Int32Array.from(tail, (symbol) => symbols.token(symbol)!);
  if (tokens.length < 2) throw new Error(`${path}: too short to hold out ${heldOut} of it`);
  return {
    symbols,
    characters: Math.round(length * (1 - heldOut)),
    heldOut: tokens,
    lanes: (options) => fileLanes(path, { ...options, symbols, start, end }),
  };
}

/** Where the part to learn from begins (behind a byte order mark) and ends, and the text from there on. */
function ends(path: string, heldOut: number): [start: number, end: number, tail: string[]] {
  const descriptor = openSync(path, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const mark = Buffer.alloc(3);
    readSync(descriptor, mark, 0, 3, 0);
    const cut = Math.floor(size * (1 - heldOut));
    const bytes = Buffer.alloc(Math.min(HELD_OUT_MOST, size - cut));
    const read = readSync(descriptor, bytes, 0, bytes.length, cut);
    let skipped = 0; // of the code point that the cut falls into
    while (skipped < read && (bytes[skipped]! & 0xc0) === 0x80) skipped++;
    let last = read;
    if (cut + read < size) while (last > skipped && (bytes[--last]! & 0xc0) === 0x80);
    return [
      mark.equals(Buffer.of(0xef, 0xbb, 0xbf)) ? 3 : 0,
      cut + skipped,
      [...bytes.toString('utf8', skipped, last)],
    ];
  } finally {
    closeSync(descriptor);
  }
}
