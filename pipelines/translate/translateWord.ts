import type { Seq2seq } from '../../src/index.js';
import { type Looked, translateAttending } from '../article/attending.js';
import { type Lexicon, translate, translateAsArticle } from '../article/translation.js';

/**
 * What the decoder reads when it translates: padding, as in the article, its own letters, or these and all letters of the
 * word.
 */
export const READINGS = ['pads', 'own', 'attention'] as const;

/** A model that translates words. */
export interface Translator {
  readonly model: Seq2seq;
  readonly words: Lexicon;
  /** The letters of the words that it has learned; the alphabet may have others. */
  readonly letters: ReadonlySet<string>;
  readonly reading: (typeof READINGS)[number];
}

/** A word, and what came out for it. */
export interface Translated {
  readonly word: string;
  /** Null where the word has letters that the alphabet lacks, and of an empty word. */
  readonly translated: string | null;
  /** Letters that are in no word that was learned, as often as the word has them. */
  readonly unknown: readonly string[];
  readonly attention?: Looked;
}

/** Translates a word. */
export async function translateWord({ model, words, letters, reading }: Translator, word: string): Promise<Translated> {
  const own = Array.from(word);
  const unknown = own.filter((letter) => !letters.has(letter));
  if (own.length === 0 || unknown.some((letter) => words.symbols.token(letter) === undefined)) {
    return { word, translated: null, unknown };
  }
  if (reading === 'attention') {
    const { raw, translated, ...attention } = await translateAttending(model, words, word);
    return { word, translated: translated ?? raw, unknown, attention };
  }
  const { raw, translated } = (reading === 'own' ? translate : translateAsArticle)(model, words, word);
  return { word, translated: translated ?? raw, unknown };
}
