import { visible } from '../../src/index.js';
import { picture } from '../article/attending.js';
import { shownSymbol } from '../cli/shownSymbol.js';
import type { Translated } from './translateWord.js';

/** A translation for people, with what would have been right and with the picture of what it looked at, if there are any. */
export function translatedText(
  { word, translated, unknown, attention }: Translated,
  expected: readonly string[] = [],
): string {
  if (word === '') return '';
  const others = [...new Set(unknown)];
  const never = `${others.map(shownSymbol).join(' ')} ${others.length > 1 ? 'are' : 'is'} in no word that was learned`;
  if (translated === null) return visible(`${word}: ${never}`);
  const instead = expected.length > 0 ? `, not ${expected.join(' or ')}` : '';
  const guess = unknown.length > 0 ? ` (${never})` : '';
  const line = visible(`${word} -> ${translated}${instead}${guess}`);
  return attention ? `${line}\n${picture(attention)}` : line;
}
