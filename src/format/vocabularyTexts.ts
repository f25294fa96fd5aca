import { show } from '../check/show.js';
import { type Vocabulary, vocabularyOf } from '../token/vocabularyOf.js';
import { metadataText } from './metadataText.js';

/** Encodes a vocabulary as texts for a file's metadata: its symbols, and the one for symbols outside it. */
export function vocabularyTexts(vocabulary: Vocabulary | undefined): Readonly<Record<string, string>> {
  if (vocabulary === undefined) return {};
  const { symbols, unknown } = vocabulary;
  if (!Array.isArray(symbols)) {
    throw new TypeError(`vocabulary must be what vocabulary() or vocabularyOf gives, got ${show(vocabulary)}`);
  }
  return {
    vocabulary: JSON.stringify(symbols),
    ...(unknown !== undefined && { unknown: JSON.stringify(vocabulary.symbol(unknown)) }),
  };
}

/**
 * The vocabulary of a file's metadata, where it has one. `vocabularyOf` refuses anything but a list of different
 * texts, and an unknown symbol that is not among them.
 */
export function savedVocabulary(metadata: ReadonlyMap<string, string>): Vocabulary | undefined {
  const symbols = metadataText(metadata, 'vocabulary', Infinity); // `keptTexts` has counted them
  const unknown = metadataText(metadata, 'unknown');
  if (symbols === undefined && unknown !== undefined) throw new TypeError('unknown needs a vocabulary');
  if (symbols === undefined) return undefined;
  return vocabularyOf(symbols as readonly string[], unknown === undefined ? {} : { unknown: unknown as string });
}
