import type { Alarm } from '../../src/index.js';
import type { Paint } from '../cli/paint.js';
import { visiblePiece } from '../cli/visiblePiece.js';
import type { ScoredLine } from './scoreLines.js';

const UNKNOWN = 99; // bits that give the colour of a character that the model does not know
const MARGIN = 7;

/**
 * Formats a line for people: bits per character, the text, and its surprising parts in colour or underlined with `^`.
 */
export function lineText(
  scored: ScoredLine & { readonly alarm?: Omit<Alarm, 'index'> },
  parts: readonly Span[],
  paint: Paint | false,
): string {
  const { line, bitsPerCharacter, characters, alarm } = scored;
  const head = bitsPerCharacter.toFixed(2).padStart(MARGIN - 2);
  const symbols = Array.from(line);
  const shown = symbols.map((symbol, i) => visiblePiece(symbol, symbols[i - 1]));
  const text = paint
    ? shown.map((symbol, i) => paint(symbol, Number.isNaN(characters[i]) ? UNKNOWN : characters[i]!)).join('')
    : shown.join('');
  const rows = [`${head}  ${text}`];
  if (!paint && parts.length > 0) rows.push(marks(shown, parts));
  if (alarm) {
    const { since, before, after } = alarm;
    const message = `alarm: since line ${since} ${after.toFixed(2)} bits a character, before ${before.toFixed(2)}`;
    rows.push(paint ? paint(message, UNKNOWN) : message);
  }
  return rows.join('\n');
}

/** Marks below the characters as they are shown: an escape is longer than what it stands for. */
function marks(shown: readonly string[], parts: readonly Span[]): string {
  const row = shown.map((symbol) => (symbol === '\t' ? '\t' : ' '.repeat(Array.from(symbol).length)));
  for (const { from, to } of parts) for (let i = from; i < to; i++) row[i] = '^'.repeat(Array.from(shown[i]!).length);
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
  const symbols = Array.from(line);
  const parts: Span[] = [];
  for (const [i, one] of characters.entries()) {
    if (one < bits) continue;
    const sum = Number.isNaN(one) ? 0 : one;
    const last = parts.at(-1);
    if (last?.to === i)
      parts[parts.length - 1] = { ...last, text: last.text + symbols[i]!, to: i + 1, bits: last.bits + sum };
    else parts.push({ text: symbols[i]!, from: i, to: i + 1, bits: sum });
  }
  return parts;
}
