import { Subject } from 'rxjs';
import { ngram, type Token, type Vocabulary } from '../../src/index.js';
import { amount } from '../cli/amount.js';
import type { ScoredLine } from './scoreLines.js';

/** Sums over a stream of scored lines. */
export interface Summary {
  add(line: ScoredLine): void;
  /** Gives the bits of a token under the n-gram model, and counts it; undefined without one. */
  readonly count: ((token: Token) => number) | undefined;
  /** Number of characters scored, line ends included. */
  characters(): number;
  text(): string;
}

/** Adds up the bits of a stream; with `order`, also the bits under an n-gram model of that order. */
export function summary(symbols: Vocabulary, order: number | undefined): Summary {
  let lines = 0;
  let characters = 0;
  let bits = 0;
  let counted = 0;
  return {
    count: order === undefined ? undefined : ngramBits(order, symbols.size),
    add({ bits: ofLine, characters: ofCharacters, counted: ofCounts }) {
      lines += 1;
      bits += ofLine;
      counted += ofCounts;
      characters += 1; // the line end
      for (const one of ofCharacters) if (!Number.isNaN(one)) characters += 1;
    },
    characters: () => characters,
    text() {
      const each = (sum: number): string => (characters === 0 ? '0' : (sum / characters).toFixed(3));
      const counts = order === undefined ? '' : `; counts of ${order}: ${each(counted)}`;
      return `${amount(lines, 'line')}, ${amount(characters, 'character')}, ${each(bits)} bits per character${counts}`;
    },
  };
}

function ngramBits(order: number, vocabSize: number): (token: Token) => number {
  const token$ = new Subject<Token>();
  let bits = 0;
  token$.pipe(ngram({ order, vocabSize })).subscribe((scored) => (bits = scored.bits));
  return (token) => {
    token$.next(token);
    return bits;
  };
}
