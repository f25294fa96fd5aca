import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { from, lastValueFrom, type Observable, repeat } from 'rxjs';
import {
  type Bookmark,
  type Demand,
  lanes,
  pull,
  seeded,
  type Token,
  vocabulary,
  type Vocabulary,
} from '../../src/index.js';
import { checkText } from '../cli/checkText.js';
import { readCorpus } from '../charlm/corpus.js';
import { readNames } from '../data/readNames.js';

/** What a run of the studio learns from, and what it only reads. */
export interface StudioCorpus {
  readonly symbols: Vocabulary;
  readonly heldOut: Int32Array;
  /** SHA-256 of the data. */
  readonly digest: string;
  /** The tokens, in lanes, again and again. */
  tokens(options: { readonly lanes: number; readonly bookmark: Bookmark; readonly demand: Demand }): Observable<Token>;
}

/** The share that is held out. */
const HELD_OUT = 0.1;

/**
 * Reads a text, or the names in a CSV file, which are shuffled and put in lines: the order of a list is not to be learned,
 * and what is held out must be like the rest.
 */
export async function studioCorpus(path: string, seed: number): Promise<StudioCorpus> {
  checkText(path);
  if (extname(path).toLowerCase() !== '.csv') {
    const { symbols, heldOut, digest, lanes } = await readCorpus(path, HELD_OUT);
    return { symbols, heldOut, digest, tokens: (options) => lanes(options).pipe(repeat()) };
  }
  const names = await readNames(path);
  const order = seeded(`${seed} order of names`).permutation(names.length);
  const text = Array.from(order, (i) => `${names[i]}\n`).join('');
  const symbols = await lastValueFrom(from(text).pipe(vocabulary()));
  const tokens = Int32Array.from(text, (symbol) => symbols.token(symbol)!);
  const cut = Math.floor(tokens.length * (1 - HELD_OUT));
  const learned = tokens.subarray(0, cut);
  return {
    symbols,
    heldOut: tokens.subarray(cut),
    digest: createHash('sha256').update(text).digest('hex'),
    tokens: ({ lanes: count, bookmark, demand }) => pull(lanes(learned, count, { bookmark }), demand).pipe(repeat()),
  };
}
