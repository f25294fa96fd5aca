import type { WordPair } from '../article/translation.js';
import { amount } from '../cli/amount.js';
import { print } from '../cli/print.js';
import { sayComplaint } from '../cli/sayComplaint.js';
import { commonEnding } from './commonEnding.js';
import { printTranslated } from './printTranslated.js';
import { translateWord, type Translator } from './translateWord.js';
import { translationsOf } from './translationsOf.js';
import { unknownLetters } from './unknownLetters.js';

/** What a translator is tested with. */
export interface ReportTranslatorOptions {
  readonly learned: readonly WordPair[];
  /** Pairs of words that were not learned. */
  readonly held: readonly WordPair[];
  readonly json: boolean;
}

/** Prints how many words are translated right: of those that were held out each, beside counting, and of the learned ones. */
export async function reportTranslator(
  translator: Translator,
  { learned, held, json }: ReportTranslatorOptions,
): Promise<void> {
  const never = unknownLetters();
  const isShown = json || held.length === 0; // of many words those that were learned are only counted
  const before = await rightOf(learned, isShown);
  const found = await rightOf(held, true);
  sayComplaint(never);
  const ending = commonEnding(learned);
  const counted = [...translationsOf(held)].filter(([word, targets]) => targets.has(ending(word))).length;
  if (json) {
    const evaluation = { learned: before, heldOut: { ...found, commonEnding: counted } };
    if (found.words > 0) console.log(JSON.stringify({ evaluation }));
    return;
  }
  const ofLearned = `${before.right} of ${amount(before.words, 'word')} right`;
  if (found.words === 0) return print(`${ofLearned}, all of which were learned`);
  print(`${found.right} of ${amount(found.words, 'word')} right that were not learned`);
  print(`beside it, by the most common ending or the nearest word: ${counted}`);
  if (counted >= found.right) print('that is at least as good here: counting needs no network');
  print(`${ofLearned} that were learned`);

  async function rightOf(pairs: readonly WordPair[], isShown: boolean): Promise<{ words: number; right: number }> {
    const translations = translationsOf(pairs);
    let right = 0;
    for (const [word, expected] of translations) {
      const found = await translateWord(translator, word);
      const isRight = found.translated !== null && expected.has(found.translated);
      if (isRight) right += 1;
      never.add(found.unknown);
      if (isShown) printTranslated(found, json, isRight || pairs !== held ? [] : [...expected]);
    }
    return { words: translations.size, right };
  }
}
