import type { Layer } from '../../src/layer/layer.js';
import { gru } from '../../src/layer/gru.js';
import { gruCell } from '../../src/layer/gruCell.js';
import { lstm } from '../../src/layer/lstm.js';
import { lstmCell } from '../../src/layer/lstmCell.js';
import { minGru } from '../../src/layer/minGru.js';
import { minGruCell } from '../../src/layer/minGruCell.js';
import { minLstm } from '../../src/layer/minLstm.js';
import { minLstmCell } from '../../src/layer/minLstmCell.js';
import type { CellOptions, RecurrentOptions } from '../../src/layer/recurrent.js';
import { rgLru } from '../../src/layer/rgLru.js';
import { rgLruCell } from '../../src/layer/rgLruCell.js';
import { rnn } from '../../src/layer/rnn.js';
import { rnnCell } from '../../src/layer/rnnCell.js';
import { slstm } from '../../src/layer/slstm.js';
import { slstmCell } from '../../src/layer/slstmCell.js';
import type { Model } from '../../src/model/model.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import type { Numbers, State } from '../../src/types.js';

export const layers: Readonly<Record<string, (options: RecurrentOptions) => Layer>> = {
  rnn,
  lstm,
  gru,
  minGru,
  minLstm,
  rgLru,
  slstm,
};
export const cells: Readonly<Record<string, (options: CellOptions) => Layer>> = {
  rnnCell,
  lstmCell,
  gruCell,
  minGruCell,
  minLstmCell,
  rgLruCell,
  slstmCell,
};
/** Layers with an option that makes them another kind. */
export const variants: Readonly<Record<string, (options: RecurrentOptions) => Layer>> = {
  'lstm, norm on its output': (options) => lstm({ ...options, layerNorm: true }),
  'lstm, norm on its state': (options) => lstm({ ...options, layerNorm: 'state' }),
  'lstm, norm on its gates': (options) => lstm({ ...options, layerNorm: 'gates', layerNormEpsilon: 1e-3 }),
  'minGru, positive': (options) => minGru({ ...options, form: 'log' }),
  'minLstm, positive': (options) => minLstm({ ...options, form: 'log' }),
  'rgLru of two heads': (options) => rgLru({ ...options, hiddenSize: 4, heads: 2 }),
  'slstm of two heads': (options) => slstm({ ...options, hiddenSize: 4, heads: 2 }),
};

let random = numpyRandom(11);

/** Begins the draws again, so that a problem has the same numbers whatever was tested before it. */
export function restartDraws(seed: number): void {
  random = numpyRandom(seed);
}

export function normals(model: Model, length: number): Numbers {
  const numbers = model.dtype === 'float64' ? new Float64Array(length) : new Float32Array(length);
  return numbers.map(() => random.normal());
}

export function tokens(length: number, size: number, low = -1): Int32Array {
  return Int32Array.from({ length }, () => low + random.integer(size - low));
}

/** What a part of a state may be, where it may not be any number. */
const RANGES: Readonly<Record<string, (x: number) => number>> = {
  n: (x) => Math.abs(x) + 0.5, // what sLSTM divides by
  started: (x) => 1 / (1 + x * x),
};

export function randomState(model: Model, lanes: number): State {
  return new Map(
    [...model.zeroState(lanes)].map(([name, { shape, data }]) => {
      const range = RANGES[name.split('.').at(-1)!] ?? ((x: number) => x);
      return [name, { shape, data: normals(model, data.length).map(range) }];
    }),
  );
}
