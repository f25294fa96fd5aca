import { concatAll, lastValueFrom, type Observable, toArray } from 'rxjs';
import {
  adagrad,
  adam,
  gru,
  lanes,
  linear,
  lstm,
  minGru,
  minLstm,
  type Optimizer,
  pull,
  rgLru,
  rnn,
  sequential,
  sgd,
  slstm,
  type Token,
  type Window,
  windows,
} from '../../src/index.js';
import type { Job, Machinery, ModelOptions } from './job.js';
import { bareLoop, learn } from './learner.js';
import { type Generation, type LanguageModel, makeText } from './workloads.js';

const OPTIMIZERS = { sgd, adagrad, adam } as const;
const CELLS = { rnn, lstm, gru, minGru, minLstm, rgLru, slstm } as const;

/**
 * Trains a character-level language model: from windows made in advance, as the peers have their tensors ready; from
 * tokens, cut into windows as they arrive; and without operators.
 */
export function languageModel(workload: LanguageModel, machinery: Machinery): Job {
  const { vocabulary, steps, lanes: count, rate } = workload;
  const model = characterModel(workload, machinery);
  const optimizer: Optimizer = OPTIMIZERS[workload.optimizer]({ learningRate: rate });
  const learner = { model, optimizer, clip: 5 };
  const text = makeText(40 * steps * count + count, vocabulary); // 40 windows, repeated
  const epoch$: Observable<Window> = pull<Token>(lanes(text, count)).pipe(windows({ steps, lanes: count }));
  // not `repeat`, which nests a call each time that a source ends synchronously
  const epochs = (): Observable<Window> => pull(cycle([epoch$])).pipe(concatAll());

  let made: Promise<Window[]> | undefined;
  const list = (): Promise<Window[]> => (made ??= lastValueFrom(epoch$.pipe(toArray())));
  let bare: ReturnType<typeof bareLoop> | undefined;
  return {
    model,
    units: steps * count,
    ways: [
      ['operators', async (each) => learn(learner, pull(cycle(await list())), each)],
      ['operators from tokens', (each) => learn(learner, epochs(), each)],
      ['bare loop', async (each) => (bare ??= bareLoop(learner, await list()))(each)],
    ],
  };
}

export function characterModel(workload: LanguageModel | Generation, options: ModelOptions): Job['model'] {
  const { cell, vocabulary, hidden } = workload;
  const numLayers = workload.kind === 'train' ? workload.layers : 1;
  const recurrent = CELLS[cell]({ inputSize: vocabulary, hiddenSize: hidden, numLayers });
  return sequential({ [cell]: recurrent, linear: linear({ inputSize: hidden, outputSize: vocabulary }) }, options);
}

/** Repeats items without end. */
export function* cycle<T>(items: readonly T[]): Generator<T, void, void> {
  for (;;) yield* items;
}
