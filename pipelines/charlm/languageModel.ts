import { lastValueFrom, type Observable } from 'rxjs';
import {
  dropout as dropoutLayer,
  embedding,
  evaluate,
  type Evaluation,
  generateText,
  gru,
  type Layer,
  lanes,
  linear,
  lstm,
  minGru,
  minLstm,
  type Model,
  ngramEmbedding,
  pull,
  type Random,
  rgLru,
  rnn,
  seeded,
  sequential,
  slstm,
  unlimited,
  type Vocabulary,
  type Window,
  windows,
} from '../../src/index.js';

const CELLS = { rnn, lstm, gru, minGru, minLstm, slstm, rgLru };

/** Names of the kinds of cells. */
export const CELL_NAMES: readonly string[] = Object.keys(CELLS);

/** Those without a product of the state, on which dropout from step to step would act. */
export const WITHOUT_PRODUCT: readonly string[] = ['minGru', 'minLstm', 'rgLru'];

/** Sums per hidden unit of those that can do without a weight of the input. */
export const GATES: Readonly<Record<string, number>> = { rnn: 1, lstm: 4, gru: 3, minGru: 2, minLstm: 3 };

/** Rows of a table of n-grams, which share them by a hash: every update walks over all of them. */
const BUCKETS = 2048;

export interface LanguageModelOptions {
  /** One of `CELL_NAMES`. */
  readonly cell: string;
  readonly symbols: Vocabulary;
  readonly hidden: number;
  readonly layers?: number;
  readonly dropout?: number;
  readonly recurrentDropout?: number;
  /** The share of the last layer's numbers that the output does not see while learning. */
  readonly outputDropout?: number | undefined;
  /** Layer norm, of LSTMs. */
  readonly layerNorm?: boolean | undefined;
  /** Width of the embedding; without it the first layer reads one-hot symbols. */
  readonly embeddingSize?: number | undefined;
  /** Tokens of the longest n-gram that the embedding has a row for; 1 by default. */
  readonly ngrams?: number | undefined;
  /** Whether the embedding, which must be as wide as the hidden state, is also the weight of the output. */
  readonly weightTying?: boolean | undefined;
  readonly random: Random;
}

/** Makes a model that reads symbols and gives the logits of the next symbol. */
export function languageModel(options: LanguageModelOptions): Model {
  const { cell, symbols, hidden, layers = 1, dropout = 0, recurrentDropout = 0, outputDropout = 0 } = options;
  const { layerNorm = false, embeddingSize, ngrams = 1, weightTying = false, random } = options;
  // without an embedding of its own size, n-grams have rows as wide as the sums of the gates
  const direct = ngrams > 1 && embeddingSize === undefined;
  const width = direct ? GATES[cell]! * hidden : embeddingSize;
  const recurrent = CELLS[cell as keyof typeof CELLS]({
    inputSize: width ?? symbols.size,
    hiddenSize: hidden,
    numLayers: layers,
    dropout,
    ...(recurrentDropout > 0 && { recurrentDropout }),
    ...(layerNorm && { layerNorm }),
    ...(direct && { inputWeight: false }),
  });
  const table = (outputSize: number): Layer => {
    const sizes = { inputSize: symbols.size, outputSize };
    if (ngrams === 1) return embedding(sizes);
    return ngramEmbedding({
      ...sizes,
      order: ngrams,
      buckets: BUCKETS,
      ...(direct && { bound: 1 / Math.sqrt(hidden) }),
    });
  };
  return sequential(
    {
      ...(width !== undefined && { embedding: table(width) }),
      [cell]: recurrent,
      ...(outputDropout > 0 && { dropout: dropoutLayer({ size: hidden, rate: outputDropout }) }),
      linear: linear({ inputSize: hidden, outputSize: symbols.size }),
    },
    { random, ...(weightTying && { weightTying: { 'linear.weight': 'embedding.weight' } }) },
  );
}

/** Cuts a held-out text into windows of up to sixteen lanes, which are evaluated much faster than one. */
export function heldOutWindows(tokens: Int32Array): Observable<Window> {
  const count = Math.max(1, Math.min(16, Math.floor(tokens.length / 512)));
  return pull(lanes(tokens, count)).pipe(windows({ steps: 100, lanes: count }));
}

/** Evaluates a model on a held-out text. */
export function evaluateHeldOut(model: Model, tokens: Int32Array): Promise<Evaluation> {
  return lastValueFrom(heldOutWindows(tokens).pipe(evaluate(model)));
}

/** Generates a text synchronously. */
export function sampleText(model: Model, symbols: Vocabulary, seed: string, length = 200): string {
  let sample = '';
  generateText(model, {
    vocabulary: symbols,
    maxTokens: length,
    temperature: 0.8,
    random: seeded(seed),
    demand: unlimited,
  }).subscribe(({ text }) => (sample += text));
  return sample;
}
