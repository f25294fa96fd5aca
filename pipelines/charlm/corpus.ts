import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { count, forkJoin, lastValueFrom, type Observable, of, share, throwIfEmpty, toArray } from 'rxjs';
import {
  encode,
  text,
  textLanes,
  type TextLanesOptions,
  type Token,
  vocabulary,
  type Vocabulary,
} from '../../src/index.js';
import { checkText } from '../cli/checkText.js';

/** A text file to learn from: its first part is read as lanes on demand, its last part is held out. */
export interface Corpus {
  readonly symbols: Vocabulary;
  /** Characters of the part to learn from, near enough to count epochs. */
  readonly characters: number;
  /** The held-out part, at most a mebibyte of it. */
  readonly heldOut: Int32Array;
  /** SHA-256 of the file. */
  readonly digest: string;
  lanes(options: Pick<TextLanesOptions, 'lanes' | 'bookmark' | 'demand'>): Observable<Token>;
}

const HELD_OUT_MOST = 0x100000;

/**
 * Reads a UTF-8 file once, as a stream, to count its characters and, where none is given, to make its vocabulary;
 * `heldOut` is the share at its end that is held out.
 */
export async function readCorpus(path: string, heldOut: number, given?: Vocabulary): Promise<Corpus> {
  checkText(path); // it is read again and again
  const character$ = text(path).pipe(
    throwIfEmpty(() => new Error(`${path}: is empty`)),
    share(),
  );
  const vocabulary$ = given ? of(given) : character$.pipe(vocabulary());
  const [symbols, length] = await lastValueFrom(forkJoin([vocabulary$, character$.pipe(count())]));
  const digest = await digestOf(path);
  const cut = Math.floor(statSync(path).size * (1 - heldOut));
  const tail$ = text(path, { start: cut, end: cut + HELD_OUT_MOST }).pipe(encode(symbols), toArray());
  const tail = await lastValueFrom(tail$);
  if (tail.length < 2) throw new Error(`${path}: too short to hold out ${heldOut} of it`);
  return {
    symbols,
    characters: Math.round(length * (1 - heldOut)),
    heldOut: Int32Array.from(tail),
    digest,
    lanes: (options) => textLanes(path, { ...options, end: cut }).pipe(encode(symbols)),
  };
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
