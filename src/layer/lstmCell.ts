import type { Layer } from './layer.js';
import { lstmKind } from './lstmKind.js';
import { type CellOptions, recurrent } from './recurrent.js';

/** The sizes of `lstmCell`. */
export type LstmCellOptions = CellOptions;

/**
 * One layer of `lstm` under the names of torch's single cell: `c[t] = f · c[t−1] + i · g; h[t] = o · tanh(c[t])`.
 *
 * Parameters: `weight_ih` (4 hidden, input), `weight_hh` (4 hidden, hidden), `bias_ih` and `bias_hh` (4 hidden), rows
 * in the order i, f, g, o. State: `h` and `c`, `[1, lanes, hidden]`. A model's `step` runs it once.
 * `torch.nn.LSTMCell`.
 */
export function lstmCell(options: LstmCellOptions): Layer {
  return recurrent('lstmCell', lstmKind, options, { single: true });
}
