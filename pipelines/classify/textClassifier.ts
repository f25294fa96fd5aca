import {
  from,
  lastValueFrom,
  type MonoTypeOperatorFunction,
  NEVER,
  type Observable,
  type OperatorFunction,
  pipe,
  takeUntil,
  tap,
} from 'rxjs';
import {
  accuracy,
  adam,
  type Classified,
  classify,
  cosineDecay,
  dropout,
  embedding,
  type Epoch,
  epochs,
  keepBest,
  labelled,
  linear,
  lstm,
  type Model,
  pull,
  seeded,
  sequential,
  shuffleIterable,
  summary,
  train,
  unlimited,
  type ValidatedStep,
  validate,
  yielding,
} from '../../src/index.js';
import { firstCharacters } from '../cli/firstCharacters.js';
import { LONGEST } from './longest.js';
import type { Example } from './readExamples.js';

/** How a classifier is trained. */
export interface TextClassifierOptions {
  readonly hidden: number;
  readonly epochs: number;
  readonly lanes: number;
  readonly learningRate: number;
  readonly seed: number;
  /** Ends the learning early. */
  readonly stop$?: Observable<unknown>;
  /** Looks at each pass. */
  readonly watch: MonoTypeOperatorFunction<Epoch & ValidatedStep<{ readonly loss: number; readonly accuracy: number }>>;
}

/** A model that labels texts. */
export interface TextClassifier {
  readonly labels: readonly string[];
  /** The characters that it knows: tokens from 1 up; 0 stands for any other. */
  readonly characters: readonly string[];
  readonly model: Model;
  /** The characters of a text that it has not learned, as often as they occur in what is read of it. */
  unknown(text: string): string[];
  /** Labels items by their texts, several in a pass; in order. An empty text is labelled as one of an unknown character. */
  label<T>(text: (item: T) => string, lanes: number): OperatorFunction<T, Classified<T>>;
}

/** The token of every character that is not in the examples. Its vector stays zeros: it hints at no label. */
const OTHER = 0;

/**
 * Learns labels of texts by their characters: an LSTM in both directions, the largest of each of its numbers over the
 * text. A tenth of the examples decides which pass was the best, whose weights are kept; ended within the first pass, it
 * keeps what it has learned until then.
 */
export async function textClassifier(
  examples: readonly Example[],
  { hidden, epochs: count, lanes, learningRate, seed, stop$ = NEVER, watch }: TextClassifierOptions,
): Promise<TextClassifier> {
  const labels = [...new Set(examples.map(({ label }) => label))].toSorted();
  if (labels.length < 2) throw new Error(`needs at least two labels, got ${labels.length}`);
  const characters = [...new Set(examples.flatMap(({ text }) => firstCharacters(text, LONGEST)))].toSorted();
  const read = readerOf(characters);
  const random = seeded(seed);
  const data = random.shuffle(
    examples.map(({ text, label }) => ({ sequence: read(text), label: labels.indexOf(label) })),
  );
  const held = data.splice(0, Math.max(1, Math.floor(data.length / 10)));
  const model = sequential(
    {
      embedding: embedding({ inputSize: characters.length + 1, outputSize: 32, paddingIndex: OTHER }),
      lstm: lstm({ inputSize: 32, hiddenSize: hidden, bidirectional: true }),
      summary: summary({ size: 2 * hidden, pool: 'max' }),
      dropout: dropout({ size: 2 * hidden, rate: 0.3 }),
      linear: linear({ inputSize: 2 * hidden, outputSize: labels.length }),
    },
    { random },
  );
  const rate = cosineDecay({ learningRate, steps: Math.ceil(data.length / lanes) * count });
  let isLearned = false;
  const learn = pipe(
    train(model, { optimizer: adam({ learningRate: rate }), dropoutRandom: random }),
    tap(() => (isLearned = true)),
  );
  const passes$ = pull(() => shuffleIterable(data, { size: 100_000, random }), yielding(unlimited)).pipe(
    labelled({ lanes }),
    epochs(learn, { count }),
    validate(model, from(held).pipe(labelled({ lanes: 64 })), { every: 1, measures: { accuracy: accuracy() } }),
    takeUntil(stop$),
    keepBest(model),
    watch,
  );
  await lastValueFrom(passes$, { defaultValue: undefined });
  if (!isLearned) throw new Error('ended before the first examples: nothing was learned');
  return textClassifierOf(model, labels, characters);
}

/** A classifier of a model that was trained. */
export function textClassifierOf(
  model: Model,
  labels: readonly string[],
  characters: readonly string[],
): TextClassifier {
  const read = readerOf(characters);
  const known = new Set(characters);
  return {
    labels,
    characters,
    model,
    unknown: (text) => firstCharacters(text, LONGEST).filter((character) => !known.has(character)),
    label: (text, lanes) => classify(model, { lanes, sequence: (item) => read(text(item)) }),
  };
}

function readerOf(characters: readonly string[]): (text: string) => number[] {
  const tokens = new Map(characters.map((character, i) => [character, i + 1]));
  return (text) =>
    text === '' ? [OTHER] : firstCharacters(text, LONGEST).map((character) => tokens.get(character) ?? OTHER);
}
