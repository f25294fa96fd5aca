import type { Layer } from './layer.js';
import { type LayerNormLstmOptions, normedKind } from './normedKind.js';
import { type CellOptions, recurrent } from './recurrent.js';

/** The sizes of `lstmCell`, and its layer norm. */
export interface LstmCellOptions extends CellOptions, LayerNormLstmOptions {}

/**
 * One layer of `lstm` under the names of torch's single cell: `c[t] = f · c[t−1] + i · g; h[t] = o · tanh(c[t])`.
 *
 * Parameters: `weight_ih` (4 hidden, input), `weight_hh` (4 hidden, hidden), `bias_ih` and `bias_hh` (4 hidden), rows
 * in the order i, f, g, o. State: `h` and `c`, `[1, lanes, hidden]`. A model's `step` runs it once.
 * With `layerNorm` there are `layernorm_i`, `layernorm_h` and `layernorm_c`, `.weight` and `.bias` each, in place of the
 * biases. `torch.nn.LSTMCell`; with the norm `state`, `LayerNormLSTMCell` of PyTorch's benchmarks.
 */
export function lstmCell(options: LstmCellOptions): Layer {
  const { kind, own } = normedKind('lstmCell', options);
  return recurrent('lstmCell', kind, options, { own, single: true });
}
