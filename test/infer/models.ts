import { from, lastValueFrom, type Observable, toArray } from 'rxjs';
import { embedding } from '../../src/layer/embedding.js';
import { gru } from '../../src/layer/gru.js';
import type { Layer } from '../../src/layer/layer.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { rnn } from '../../src/layer/rnn.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import type { Dtype, Token } from '../../src/types.js';

export const SIZE = 7;

const layers: Readonly<Record<string, () => Record<string, Layer>>> = {
  rnn: () => ({ rnn: rnn({ inputSize: SIZE, hiddenSize: 6 }) }),
  'lstm of two layers': () => ({ lstm: lstm({ inputSize: SIZE, hiddenSize: 6, numLayers: 2 }) }),
  'gru on an embedding': () => ({
    embedding: embedding({ inputSize: SIZE, outputSize: 4 }),
    gru: gru({ inputSize: 4, hiddenSize: 6 }),
  }),
};

export const kinds: readonly string[] = Object.keys(layers);

/** A model of `SIZE` tokens with large random weights, so that its answers differ from step to step. */
export function model(kind = 'rnn', seed = 1, dtype: Dtype = 'float32'): Model {
  const made = sequential({ ...layers[kind]!(), linear: linear({ inputSize: 6, outputSize: SIZE }) }, { dtype });
  const random = numpyRandom(seed);
  for (const { data } of made.weights.tensors.values()) {
    for (let i = 0; i < data.length; i++) data[i] = random.normal();
  }
  return made;
}

/** A model whose logits are the same after every token. */
export function constantModel(logits: readonly number[]): Model {
  const made = sequential(
    {
      rnn: rnn({ inputSize: logits.length, hiddenSize: 3 }),
      linear: linear({ inputSize: 3, outputSize: logits.length }),
    },
    { dtype: 'float64' },
  );
  made.weights.tensors.get('linear.weight')!.data.fill(0);
  made.weights.tensors.get('linear.bias')!.data.set(logits);
  return made;
}

/** Tokens that look like a text of `SIZE` symbols. */
export function tokens(length: number, seed = 1): Token[] {
  const random = numpyRandom(seed);
  return Array.from({ length }, () => random.integer(SIZE));
}

/** All that an observable emits. */
export function all<T>(values$: Observable<T>): Promise<T[]> {
  return lastValueFrom(values$.pipe(toArray()));
}

/** All that an operator makes of values. */
export function through<T, R>(values: Iterable<T>, operate: (values$: Observable<T>) => Observable<R>): Promise<R[]> {
  return all(operate(from(values)));
}

/** The sum in order, as an evaluator takes it. */
export function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
