import { amount } from '../cli/amount.js';
import { firstCharacters } from '../cli/firstCharacters.js';
import type { Paint } from '../cli/paint.js';
import { visiblePiece } from '../cli/visiblePiece.js';
import type { ScoredLine } from './scoreLines.js';

const UNKNOWN = 99; // bits that give the colour of a character that the model does not know
const MARGIN = 7;
const MOST_SHOWN = 4096; // characters of a line

/** Lines have become more surprising: the first such line, and mean bits per character before it and since. */
interface Change {
  readonly since: number;
  readonly before?: number;
  readonly after?: number;
}

/**
 * Formats a line for people: bits per character, the text, and its surprising parts in colour or underlined with `^`.
 */
export function lineText(
  scored: ScoredLine & { readonly alarm?: Change | undefined },
  parts: readonly Span[],
  paint: Paint | false,
): string {
  const { line, bitsPerCharacter, characters, alarm } = scored;
  const head = bitsPerCharacter.toFixed(2).padStart(MARGIN - 2);
  const symbols = firstCharacters(line, MOST_SHOWN);
  const shown = symbols.map((symbol, i) => visiblePiece(symbol, symbols[i - 1]));
  const text = paint
    ? shown.map((symbol, i) => paint(symbol, Number.isNaN(characters[i]) ? UNKNOWN : characters[i]!)).join('')
    : shown.join('');
  const more = characters.length - symbols.length;
  const rows = [`${head}  ${text}${more > 0 ? `… and ${amount(more, 'character')} more` : ''}`];
  if (!paint && parts.length > 0) rows.push(marks(shown, parts));
  if (alarm) {
    const { since, before = NaN, after = NaN } = alarm;
    const message = `alarm: since line ${since} ${after.toFixed(2)} bits per character, before ${before.toFixed(2)}`;
    rows.push(paint ? paint(message, UNKNOWN) : message);
  }
  return rows.join('\n');
}

/** Marks below the characters as they are shown: an escape is longer than what it stands for. */
function marks(shown: readonly string[], parts: readonly Span[]): string {
  const row = shown.map((symbol) => (symbol === '\t' ? '\t' : ' '.repeat(Array.from(symbol).length)));
  for (const { from, to } of parts) {
    for (let i = from; i < Math.min(to, row.length); i++) row[i] = '^'.repeat(Array.from(shown[i]!).length);
  }
  return ' '.repeat(MARGIN) + row.join('').trimEnd();
}

/** A surprising part of a line. */
export interface Span {
  readonly text: string;
  /** Its first character (a code point) in the line, from 0. */
  readonly from: number;
  /** The character after its last one. */
  readonly to: number;
  /** Sum over its characters, without those that the model does not know. */
  readonly bits: number;
}

/** Finds the parts of a line whose characters have at least so many bits, or are unknown (NaN). */
export function surprisingSpans(line: string, characters: readonly number[], bits: number): Span[] {
  const parts: Span[] = [];
  let unit = 0; // where character i begins, in UTF-16 units
  let begun: { readonly from: number; readonly unit: number; bits: number } | undefined;
  for (let i = 0; i <= characters.length; i++) {
    const one = characters[i];
    if (one !== undefined && !(one < bits)) {
      begun ??= { from: i, unit, bits: 0 };
      if (!Number.isNaN(one)) begun.bits += one;
    } else if (begun) {
      parts.push({ text: line.slice(begun.unit, unit), from: begun.from, to: i, bits: begun.bits });
      begun = undefined;
    }
    unit += line.codePointAt(unit)! > 0xffff ? 2 : 1;
  }
  return parts;
}
