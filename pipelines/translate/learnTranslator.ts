import {
  identity,
  lastValueFrom,
  type MonoTypeOperatorFunction,
  type Observable,
  takeUntil,
  takeWhile,
  tap,
} from 'rxjs';
import { torchRandom, unlimited, yielding } from '../../src/index.js';
import type { Studio } from '../../src/studio.js';
import { attendingTranslator, raggedWindow } from '../article/attending.js';
import {
  learnPairs,
  lexicon,
  type TranslationStep,
  translator as rnnTranslator,
  type WordPair,
} from '../article/translation.js';
import { watchTranslation } from '../article/watchTranslation.js';
import type { Translator } from './translateWord.js';

/** How pairs are learned. */
export interface LearnTranslatorOptions {
  readonly hidden: number;
  readonly learningRate: number;
  /** Pairs per batch. */
  readonly batch: number;
  /** Passes over the pairs. */
  readonly epochs: number;
  readonly reading: Translator['reading'];
  readonly ignorePadding: boolean;
  readonly seed: number;
  /** A page that shows the costs and, with attention, what the decoder looks at while it translates `word`. */
  readonly page: Studio | undefined;
  readonly word: string | undefined;
  /** Ends the learning early. */
  readonly stop$: Observable<unknown>;
  /** Looks at each batch. */
  readonly watch: MonoTypeOperatorFunction<TranslationStep>;
}

/** A translator, and the pass in which its learning has ended. */
export interface LearnedTranslator {
  readonly translator: Translator;
  readonly epoch: number;
}

/** Learns pairs of words; ended early, it keeps what was learned until then. */
export async function learnTranslator(
  pairs: readonly WordPair[],
  { hidden, learningRate, batch, epochs, reading, ignorePadding, seed, page, word, stop$, watch }: LearnTranslatorOptions, // prettier-ignore
): Promise<LearnedTranslator> {
  const words = lexicon(pairs);
  const random = torchRandom(seed);
  const attends = reading === 'attention';
  const model = (attends ? attendingTranslator : rnnTranslator)(words, { hidden, dtype: 'float32', random });
  const batches = (): number[][] => {
    const order = random.dataLoaderOrder(pairs.length);
    const count = Math.ceil(order.length / batch);
    return Array.from({ length: count }, (_, i) => order.slice(i * batch, (i + 1) * batch));
  };
  let epoch = 0;
  const learned$ = learnPairs(model, words, pairs, {
    learningRate,
    batches,
    ignorePadding,
    ...(attends && { windowOf: (pairs) => raggedWindow(words, pairs) }),
    demand: yielding(unlimited),
  }).pipe(
    takeWhile((step) => step.epoch <= epochs),
    page ? watchTranslation(page, { model, words, word: attends ? word : undefined }) : identity,
    tap((step) => (epoch = step.epoch)),
    watch,
    takeUntil(stop$),
  );
  await lastValueFrom(learned$, { defaultValue: undefined });
  if (epoch === 0) throw new Error('ended before the first batch of pairs: nothing was learned');
  const letters = new Set(pairs.flatMap(([source]) => Array.from(source)));
  return { translator: { model, words, letters, reading }, epoch };
}
