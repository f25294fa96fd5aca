import { Subject } from 'rxjs';
import { ngram, type Token, type Vocabulary } from '../../src/index.js';
import type { ScoredLine } from './scoreLines.js';

/** Sums over a stream of scored lines. */
export interface Summary {
  add(line: ScoredLine): void;
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
  const token$ = new Subject<Token>();
  if (order !== undefined)
    token$.pipe(ngram({ order, vocabSize: symbols.size })).subscribe((scored) => (counted += scored.bits));
  const lineEnd = symbols.token('\n')!;
  return {
    add({ line, bits: ofLine, characters: ofCharacters }) {
      lines += 1;
      bits += ofLine;
      const known = Array.from(line).filter((_, i) => !Number.isNaN(ofCharacters[i]));
      characters += known.length + 1;
      for (const symbol of known) token$.next(symbols.token(symbol) ?? symbols.unknown!);
      token$.next(lineEnd);
    },
    characters: () => characters,
    text() {
      const each = (sum: number): string => (characters === 0 ? '0' : (sum / characters).toFixed(3));
      const counts = order === undefined ? '' : `; counts of ${order}: ${each(counted)}`;
      return `${lines} lines, ${characters} characters, ${each(bits)} bits each${counts}`;
    },
  };
}
