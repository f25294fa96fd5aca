import { type MonoTypeOperatorFunction, pipe, tap } from 'rxjs';
import type { Seq2seq } from '../../src/index.js';
import type { Studio } from '../../src/studio.js';
import { translateAttending } from './attending.js';
import type { Lexicon, TranslationStep } from './translation.js';

/** Epochs between two looks at what the decoder looks at. */
const EVERY = 20;

/** Shows the cost of each batch on a page, and, of a model with attention, what it looks at while it translates a word. */
export function watchTranslation(
  page: Studio,
  { model, words, word }: { model: Seq2seq; words: Lexicon; word: string | undefined },
): MonoTypeOperatorFunction<TranslationStep> {
  const look = ({ epoch }: TranslationStep): void => {
    if (word === undefined || epoch % EVERY !== 1) return;
    translateAttending(model, words, word).then(
      ({ source, target, weights }) => page.attention({ inputs: source, outputs: target, weights }),
      () => undefined, // a model that has diverged looks at nothing; the run itself says so
    );
  };
  return pipe(
    page.series('cost of each batch', ({ cost }: TranslationStep) => ({ value: cost })),
    tap(look),
  );
}
