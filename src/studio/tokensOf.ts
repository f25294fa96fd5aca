import type { Vocabulary } from '../token/vocabularyOf.js';

/** The most of a text that is kept. */
const MOST = 20_000;

/** The tokens of the beginning of a text, without the symbols that the vocabulary lacks, and of a list those that it has. */
export function tokensOf(text: string | ArrayLike<number>, vocabulary: Vocabulary): Int32Array {
  const tokens =
    typeof text === 'string'
      ? Array.from(text.slice(0, MOST), (symbol) => vocabulary.token(symbol) ?? -1)
      : Array.from({ length: Math.min(text.length, MOST) }, (_, i) => text[i]!);
  return Int32Array.from(tokens.filter((token) => token >= 0 && token < vocabulary.size));
}
