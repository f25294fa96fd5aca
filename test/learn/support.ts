import type { Observable } from 'rxjs';
import { gru } from '../../src/layer/gru.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { rnn } from '../../src/layer/rnn.js';
import { adam } from '../../src/learn/adam.js';
import { cosineDecay } from '../../src/learn/cosineDecay.js';
import type { Optimizer } from '../../src/learn/optimizer.js';
import { rmsprop } from '../../src/learn/rmsprop.js';
import { sgd } from '../../src/learn/sgd.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { seeded } from '../../src/random/seeded.js';
import { lanes } from '../../src/token/lanes.js';
import { windows } from '../../src/token/windows.js';
import type { Dtype, Token, Window } from '../../src/types.js';
import { pull } from '../../src/flow/pull.js';

export const CELLS = ['rnn', 'lstm', 'gru'] as const;
export type Cell = (typeof CELLS)[number];

/** A model of two recurrent layers with dropout between them, over seven tokens. */
export function smallModel({ cell = 'lstm', dtype = 'float32' }: { cell?: Cell; dtype?: Dtype } = {}): Model {
  const size = { inputSize: 7, hiddenSize: 6, numLayers: 2, dropout: 0.3 };
  const recurrent = { rnn: () => rnn(size), lstm: () => lstm(size), gru: () => gru(size) }[cell]();
  const layers = { recurrent, linear: linear({ inputSize: 6, outputSize: 7 }) };
  return sequential(layers, { dtype, random: seeded(3) });
}

/** Optimizers with all that they can carry: moments, running products, a schedule, momentum. */
export const OPTIMIZERS: Readonly<Record<string, () => Optimizer>> = {
  adam: () => adam({ learningRate: cosineDecay({ learningRate: 0.02, steps: 30, warmupSteps: 5 }), amsgrad: true }),
  rmsprop: () => rmsprop({ momentum: 0.5, centered: true }),
  'sgd with momentum': () => sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
};

export const corpus: readonly Token[] = Array.from({ length: 601 }, (_, i) => (i * i + (i >> 3)) % 7);

/** 24 windows of five steps, and a shorter one, of five lanes. */
export const trainingWindows = (): Observable<Window> => pull(lanes(corpus, 5)).pipe(windows({ steps: 5, lanes: 5 }));

/** All bits of a model's parameters, as texts. */
export function bits(model: Model): string[] {
  return [...stateDict(model)].map(
    ([name, { data }]) => `${name} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')}`,
  );
}

/** The values of a synchronous observable, until its error. */
export function collected<T>(source: Observable<T>): { values: T[]; error: Error | undefined } {
  const values: T[] = [];
  let error: Error | undefined;
  source.subscribe({ next: (value) => values.push(value), error: (thrown: Error) => (error = thrown) });
  return { values, error };
}
