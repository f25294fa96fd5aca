import type { Vocabulary } from '../token/vocabularyOf.js';

/** Encodes a vocabulary as texts for a file's metadata: its symbols, and the one for symbols outside it. */
export function vocabularyTexts(vocabulary: Vocabulary | undefined): Readonly<Record<string, string>> {
  if (vocabulary === undefined) return {};
  const { symbols, unknown } = vocabulary;
  return {
    vocabulary: JSON.stringify(symbols),
    ...(unknown !== undefined && { unknown: JSON.stringify(vocabulary.symbol(unknown)) }),
  };
}
