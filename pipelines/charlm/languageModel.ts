import { lastValueFrom, type Observable } from 'rxjs';
import {
  embedding,
  evaluate,
  type Evaluation,
  generateText,
  gru,
  lanes,
  linear,
  lstm,
  type Model,
  pull,
  type Random,
  rnn,
  seeded,
  sequential,
  unlimited,
  type Vocabulary,
  type Window,
  windows,
} from '../../src/index.js';

const CELLS = { rnn, lstm, gru };

export interface LanguageModelOptions {
  /** `rnn`, `lstm` or `gru`. */
  readonly cell: string;
  readonly symbols: Vocabulary;
  readonly hidden: number;
  readonly layers?: number;
  readonly dropout?: number;
  readonly recurrentDropout?: number;
  /** Width of the embedding; without it the first layer reads one-hot symbols. */
  readonly embeddingSize?: number | undefined;
  readonly random: Random;
}

/** Makes a model that reads symbols and gives the logits of the next symbol. */
export function languageModel(options: LanguageModelOptions): Model {
  const { cell, symbols, hidden, layers = 1, dropout = 0, recurrentDropout = 0, embeddingSize, random } = options;
  const recurrent = CELLS[cell as keyof typeof CELLS]({
    inputSize: embeddingSize ?? symbols.size,
    hiddenSize: hidden,
    numLayers: layers,
    dropout,
    recurrentDropout,
  });
  const output = linear({ inputSize: hidden, outputSize: symbols.size });
  if (embeddingSize === undefined) return sequential({ [cell]: recurrent, linear: output }, { random });
  const table = embedding({ inputSize: symbols.size, outputSize: embeddingSize });
  return sequential({ embedding: table, [cell]: recurrent, linear: output }, { random });
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
