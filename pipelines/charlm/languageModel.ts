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
  /** rnn, lstm or gru. */
  readonly cell: string;
  readonly symbols: Vocabulary;
  readonly hidden: number;
  readonly layers?: number;
  readonly dropout?: number;
  readonly recurrentDropout?: number;
  /** Numbers that stand for a symbol; without it the first layer reads one-hot symbols. */
  readonly embeddingSize?: number | undefined;
  readonly random: Random;
}

/** Recurrent layers from symbols to the logits of the next one. */
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

/** A held-out text in up to sixteen stretches side by side, which takes a fraction of the time of one. */
export function heldOutWindows(tokens: Int32Array): Observable<Window> {
  const count = Math.max(1, Math.min(16, Math.floor(tokens.length / 512)));
  return pull(lanes(tokens, count)).pipe(windows({ steps: 100, lanes: count }));
}

export function measured(model: Model, tokens: Int32Array): Promise<Evaluation> {
  return lastValueFrom(heldOutWindows(tokens).pipe(evaluate(model)));
}

/** What the model makes up, at once. */
export function sampleText(model: Model, symbols: Vocabulary, seed: string, length = 200): string {
  let made = '';
  generateText(model, {
    vocabulary: symbols,
    maxTokens: length,
    temperature: 0.8,
    random: seeded(seed),
    demand: unlimited,
  }).subscribe(({ text }) => (made += text));
  return made;
}
