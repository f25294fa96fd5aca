import type { Layer } from '../../src/layer/layer.js';
import { gru } from '../../src/layer/gru.js';
import { gruCell } from '../../src/layer/gruCell.js';
import { lstm } from '../../src/layer/lstm.js';
import { lstmCell } from '../../src/layer/lstmCell.js';
import type { CellOptions, RecurrentOptions } from '../../src/layer/recurrent.js';
import { rnn } from '../../src/layer/rnn.js';
import { rnnCell } from '../../src/layer/rnnCell.js';
import type { Model } from '../../src/model/model.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import type { Numbers, State } from '../../src/types.js';

export const layers: Readonly<Record<string, (options: RecurrentOptions) => Layer>> = { rnn, lstm, gru };
export const cells: Readonly<Record<string, (options: CellOptions) => Layer>> = { rnnCell, lstmCell, gruCell };

const random = numpyRandom(11);

export function normals(model: Model, length: number): Numbers {
  const numbers = model.dtype === 'float64' ? new Float64Array(length) : new Float32Array(length);
  return numbers.map(() => random.normal());
}

export function tokens(length: number, size: number, low = -1): Int32Array {
  return Int32Array.from({ length }, () => low + random.integer(size - low));
}

export function randomState(model: Model, lanes: number): State {
  return new Map(
    [...model.zeroState(lanes)].map(([name, { shape, data }]) => [name, { shape, data: normals(model, data.length) }]),
  );
}
