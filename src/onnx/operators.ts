// Operators of ONNX beside what they are here: one table for writing and for reading. There is none of whole layers: one
// of ours is written as several nodes (layerNodes.ts), and files of others are read by what their nodes compute
// (fromOnnx.ts), which need not be what we write.
import type { Nonlinearity } from '../kernel/kernel.js';
import type { Activation } from '../layer/activation.js';

/** A recurrent operator, and which of our gates each of its gates is, in its order. */
interface RecurrentOperator {
  readonly operator: 'RNN' | 'LSTM' | 'GRU';
  readonly gates: readonly number[];
}

/** Recurrent layers by their kinds. */
export const RECURRENT: Readonly<Record<'rnn' | 'lstm' | 'gru', RecurrentOperator>> = {
  rnn: { operator: 'RNN', gates: [0] },
  lstm: { operator: 'LSTM', gates: [0, 3, 1, 2] }, // i, o, f, c of i, f, g, o
  gru: { operator: 'GRU', gates: [1, 0, 2] }, // z, r, h of r, z, n
};

/** What an RNN puts its sums through. */
export const NONLINEARITIES: Readonly<Record<Nonlinearity, string>> = {
  tanh: 'Tanh',
  relu: 'Relu',
  sigmoid: 'Sigmoid',
  identity: 'Affine',
};

/** Activations as operators of their own. */
export const ACTIVATIONS: Readonly<Record<Activation, string>> = {
  tanh: 'Tanh',
  relu: 'Relu',
  sigmoid: 'Sigmoid',
  identity: 'Identity',
  softmax: 'Softmax',
  logSoftmax: 'LogSoftmax',
};

/** The same tables the other way; as Maps, since the names come from files. */
export const GATES_OF: ReadonlyMap<string, readonly number[]> = new Map(
  Object.values(RECURRENT).map(({ operator, gates }) => [operator, gates]),
);
export const NONLINEARITY_OF: ReadonlyMap<string, Nonlinearity> = inverse(NONLINEARITIES);
export const ACTIVATION_OF: ReadonlyMap<string, Activation> = inverse(ACTIVATIONS);

function inverse<K extends string>(table: Readonly<Record<K, string>>): ReadonlyMap<string, K> {
  return new Map(Object.entries<string>(table).map(([ours, theirs]) => [theirs, ours as K]));
}
