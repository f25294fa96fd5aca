import { Subject } from 'rxjs';
import { type Alarm, ngram, type Token, type Vocabulary } from '../../src/index.js';
import type { Paint } from '../cli/paint.js';
import type { ScoredLine } from './scoreLines.js';
import type { Strange } from './surprisingSpans.js';

const UNKNOWN = 99; // how a character is painted that the model does not know
const MARGIN = 7;

/** A line for people: bits a character, the text, and what is strange painted, or marked below where paint is false. */
export function lineText(
  scored: ScoredLine & { readonly alarm?: Omit<Alarm, 'index'> },
  parts: readonly Strange[],
  paint: Paint | false,
): string {
  const { line, bitsPerCharacter, characters, alarm } = scored;
  const head = bitsPerCharacter.toFixed(2).padStart(MARGIN - 2);
  const symbols = Array.from(line);
  const text = paint
    ? symbols.map((symbol, i) => paint(symbol, Number.isNaN(characters[i]) ? UNKNOWN : characters[i]!)).join('')
    : line;
  const rows = [`${head}  ${text}`];
  if (!paint && parts.length > 0) rows.push(marks(symbols, parts));
  if (alarm) {
    const { since, before, after } = alarm;
    const told = `alarm: since line ${since} ${after.toFixed(2)} bits a character, before ${before.toFixed(2)}`;
    rows.push(paint ? paint(told, UNKNOWN) : told);
  }
  return rows.join('\n');
}

function marks(symbols: readonly string[], parts: readonly Strange[]): string {
  const row: string[] = symbols.map((symbol) => (symbol === '\t' ? '\t' : ' '));
  for (const { from, to } of parts) row.fill('^', from, to);
  return ' '.repeat(MARGIN) + row.join('').trimEnd();
}

export interface Summary {
  add(line: ScoredLine): void;
  /** Characters that were scored, ends of lines among them. */
  characters(): number;
  text(): string;
}

/** Adds up what a stream took; with `order`, also what counts of so many characters would have taken. */
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
