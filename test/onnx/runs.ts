// Models and the same models under onnxruntime, on the same numbers.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { adaptiveSoftmax } from '../../src/layer/adaptiveSoftmax.js';
import { activation } from '../../src/layer/activation.js';
import { autoregression } from '../../src/layer/autoregression.js';
import { dropout } from '../../src/layer/dropout.js';
import { embedColumn } from '../../src/layer/embedColumn.js';
import { embedding } from '../../src/layer/embedding.js';
import { gru } from '../../src/layer/gru.js';
import { gruCell } from '../../src/layer/gruCell.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { lstmCell } from '../../src/layer/lstmCell.js';
import { minGru } from '../../src/layer/minGru.js';
import { minGruCell } from '../../src/layer/minGruCell.js';
import { minLstm } from '../../src/layer/minLstm.js';
import { minLstmCell } from '../../src/layer/minLstmCell.js';
import { rgLru } from '../../src/layer/rgLru.js';
import { rgLruCell } from '../../src/layer/rgLruCell.js';
import { rnn } from '../../src/layer/rnn.js';
import { rnnCell } from '../../src/layer/rnnCell.js';
import { slstm } from '../../src/layer/slstm.js';
import { slstmCell } from '../../src/layer/slstmCell.js';
import { summary } from '../../src/layer/summary.js';
import type { Model } from '../../src/model/model.js';
import { sequential, type SequentialOptions } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import type { Layer } from '../../src/layer/layer.js';

export interface Case {
  readonly layers: Readonly<Record<string, Layer>>;
  readonly options?: SequentialOptions;
  readonly inputs?: 'tokens';
  /** Columns of the features that are tokens below this. */
  readonly tokens?: number;
}

const SIZES = { inputSize: 5, hiddenSize: 4 };
const stacked = { ...SIZES, numLayers: 2, dropout: 0.5 };
const both = { ...stacked, bidirectional: true };
const fc = linear({ inputSize: 4, outputSize: 3 });

/** Every kind of layer, with its options. */
export const CASES: Readonly<Record<string, Case>> = {
  linear: { layers: { linear: linear({ inputSize: 5, outputSize: 3 }) } },
  'linear, no bias': { layers: { linear: linear({ inputSize: 5, outputSize: 3, bias: false }) } },
  'linear, tokens': { layers: { linear: linear({ inputSize: 5, outputSize: 3 }) }, inputs: 'tokens' },
  embedding: { layers: { embedding: embedding({ inputSize: 5, outputSize: 4, paddingIndex: 1 }), fc } },
  embedColumn: {
    layers: { column: embedColumn({ inputSize: 3, column: 1, tokens: 4, embeddingSize: 2 }) },
    tokens: 4,
  },
  'embedColumn, first': { layers: { column: embedColumn({ inputSize: 2, tokens: 4, embeddingSize: 2 }) }, tokens: 4 },
  'embedColumn, alone': { layers: { column: embedColumn({ inputSize: 1, tokens: 4, embeddingSize: 2 }) }, tokens: 4 },
  dropout: { layers: { dropout: dropout({ size: 5, rate: 0.5 }) } },
  adaptiveSoftmax: {
    layers: {
      fc: linear({ inputSize: 5, outputSize: 16 }),
      softmax: adaptiveSoftmax({ inputSize: 16, outputSize: 20, cutoffs: [5, 9], headBias: true }),
    },
  },
  autoregression: { layers: { own: autoregression({ inputSize: 3, steps: 4, horizon: 2 }) } },
  'autoregression, shared': { layers: { own: autoregression({ inputSize: 3, steps: 2, horizon: 3, shared: true }) } },
  ...Object.fromEntries(
    (['tanh', 'relu', 'sigmoid', 'identity', 'softmax', 'logSoftmax'] as const).map((nonlinearity) => [
      `activation, ${nonlinearity}`,
      { layers: { activation: activation({ size: 5, nonlinearity }) } },
    ]),
  ),
  ...Object.fromEntries(
    (['last', 'mean', 'max'] as const).flatMap((pool) =>
      [false, true].map((bidirectional) => [
        `summary, ${pool}${bidirectional ? ', both directions' : ''}`,
        { layers: { summary: summary({ size: 6, pool, bidirectional }) } },
      ]),
    ),
  ),
  ...Object.fromEntries(
    Object.entries({ rnn, lstm, gru, minGru, minLstm, rgLru, slstm }).flatMap(([name, make]) => [
      [name, { layers: { [name]: make(SIZES) } }],
      [`${name}, no bias`, { layers: { [name]: make({ ...SIZES, bias: false }) } }],
      [`${name}, tokens`, { layers: { [name]: make(SIZES), fc }, inputs: 'tokens' as const }],
      [`${name}, two layers`, { layers: { [name]: make(stacked), fc } }],
      [`${name}, two layers in both directions`, { layers: { [name]: make(both) } }],
    ]),
  ),
  ...Object.fromEntries(
    (['relu', 'sigmoid', 'identity'] as const).map((nonlinearity) => [
      `rnn, ${nonlinearity}`,
      { layers: { rnn: rnn({ ...both, nonlinearity }) } },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries({ minGru, minLstm }).map(([name, make]) => [
      `${name}, form log`,
      { layers: { [name]: make({ ...both, form: 'log' }) } },
    ]),
  ),
  ...Object.fromEntries(
    (['output', 'state', 'gates'] as const).flatMap((layerNorm) => [
      [`lstm, layer norm, ${layerNorm}`, { layers: { lstm: lstm({ ...both, layerNorm }) } }],
      [`lstm, layer norm, ${layerNorm}, no bias`, { layers: { lstm: lstm({ ...stacked, layerNorm, bias: false }) } }],
    ]),
  ),
  'slstm, two heads': { layers: { slstm: slstm({ ...both, heads: 2 }) } },
  'rgLru, two heads': { layers: { rgLru: rgLru({ ...both, heads: 2 }) } },
  'rgLru, no projection': { layers: { rgLru: rgLru({ inputSize: 4, hiddenSize: 4, projection: false }), fc } },
  minGruCell: { layers: { cell: minGruCell(SIZES), fc } },
  minLstmCell: { layers: { cell: minLstmCell(SIZES), fc } },
  rgLruCell: { layers: { cell: rgLruCell(SIZES), fc } },
  slstmCell: { layers: { cell: slstmCell(SIZES), fc } },
  'lstmCell, layer norm': { layers: { cell: lstmCell({ ...SIZES, layerNorm: true }), fc } },
  rnnCell: { layers: { cell: rnnCell(SIZES) } },
  lstmCell: { layers: { cell: lstmCell(SIZES), fc } },
  gruCell: { layers: { cell: gruCell(SIZES) } },
  skip: {
    layers: { gru: gru(SIZES), fc: linear({ inputSize: 4, outputSize: 7 }) },
    options: { skip: autoregression({ inputSize: 5, steps: 2 }) },
  },
  'skip as wide, of float64': {
    layers: { gru: gru(SIZES), fc: linear({ inputSize: 4, outputSize: 5 }) },
    options: { skip: linear({ inputSize: 5, outputSize: 5 }), dtype: 'float64' },
  },
};

export function modelOf({ layers, options }: Case): Model {
  const random = seeded(3);
  const model = sequential(layers, { ...options, random });
  for (const { data } of model.weights.tensors.values()) {
    for (let i = 0; i < data.length; i++) if (data[i] === 0) data[i] = random.uniform(-0.5, 0.5);
  }
  model.kernel.weightsChanged();
  return model;
}

/** Input, state, and the results of a window, by names of the graph. */
export type Numbers = Readonly<Record<string, Float32Array | Int32Array>>;

/** A window of random numbers, with a random state. */
export function drawWindow(model: Model, { inputs, layers, tokens }: Case, steps: number, lanes: number): Numbers {
  const random = seeded(`${steps} ${lanes}`);
  const numbers = (length: number) => Float32Array.from({ length }, () => random.uniform(-1, 1));
  const isTokens = inputs === 'tokens' || Object.values(layers)[0]!.takes === 'tokens';
  const input = isTokens
    ? Int32Array.from({ length: steps * lanes }, (_, i) => (i % 4 === 3 ? -1 : random.integer(model.inputSize)))
    : numbers(steps * lanes * model.inputSize);
  if (tokens !== undefined) {
    const column = Object.values(layers)[0]!.options['column'] as number;
    for (let i = column; i < input.length; i += model.inputSize) input[i] = random.integer(tokens + 1) - 1;
  }
  const drawState = (name: string, length: number): Float32Array => {
    if (name.endsWith('.count')) return Float32Array.from({ length }, (_, i) => i % 3);
    if (name.endsWith('.started')) return Float32Array.from({ length }, (_, i) => i % 2);
    if (name.endsWith('.n')) return numbers(length).map((x, i) => (i < length / lanes ? 0 : 1 + x / 2)); // sums of shares
    return numbers(length);
  };
  const state = [...model.zeroState(lanes)].map(([name, { data }]) => [name, drawState(name, data.length)]);
  return { input, ...(Object.fromEntries(state) as Numbers) };
}

/** Runs a window by the model. */
export function runModel(model: Model, { input, ...given }: Numbers, steps: number, lanes: number): Numbers {
  const tape = model.tape(steps, lanes);
  const state = model.zeroState(lanes);
  for (const [name, { data }] of state) data.set(given[name]!);
  tape.setState(state);
  tape.forward(input as never, steps);
  const after = [...tape.state()].map(([name, { data }]) => [`${name}.after`, Float32Array.from(data)]);
  const output = Float32Array.from(tape.output.subarray(0, steps * lanes * model.outputSize));
  tape.release();
  return { output, ...(Object.fromEntries(after) as Numbers) };
}

/** Runs a window by onnxruntime. */
export async function runOnnx(
  bytes: Uint8Array,
  model: Model,
  { input, ...given }: Numbers,
  steps: number,
  lanes: number,
): Promise<Numbers> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  const shape = [steps, lanes];
  const fed: Record<string, Tensor> = {
    input:
      input instanceof Int32Array
        ? new Tensor('int64', BigInt64Array.from(input, BigInt), shape)
        : new Tensor('float32', input as Float32Array, [...shape, model.inputSize]),
  };
  for (const [name, data] of Object.entries(given)) {
    fed[name] = new Tensor('float32', data as Float32Array, model.zeroState(lanes).get(name)!.shape);
  }
  const found = await session.run(fed);
  await session.release();
  return Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, data as Float32Array]));
}

/** The largest difference between two results; `Infinity` where names or lengths differ. */
export function apart(a: Numbers, b: Numbers): number {
  if (Object.keys(a).toSorted().join() !== Object.keys(b).toSorted().join()) return Infinity;
  let most = 0;
  for (const [name, data] of Object.entries(a)) {
    if (data.length !== b[name]!.length) return Infinity;
    for (const [i, number] of data.entries()) {
      const difference = Math.abs(number - b[name]![i]!);
      if (!(difference <= most)) most = difference; // NaN too
    }
  }
  return most;
}
