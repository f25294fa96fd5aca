import { print } from '../cli/print.js';
import { safeJson } from '../cli/safeJson.js';
import { translatedText } from './translatedText.js';
import type { Translated } from './translateWord.js';

/** Prints a translation, for people with what would have been `expected` where that is known. */
export function printTranslated(found: Translated, json: boolean, expected: readonly string[] = []): void {
  if (json) console.log(safeJson({ ...found, unknown: found.unknown.length }));
  else print(translatedText(found, expected));
}
