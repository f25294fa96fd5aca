import type { Nonlinearity } from '../kernel/kernel.js';
import type { Layer } from './layer.js';
import { type CellOptions, recurrent } from './recurrent.js';
import { rnnKind } from './rnnKind.js';

/** The sizes of `rnnCell`, and its function. */
export interface RnnCellOptions extends CellOptions {
  /** `tanh` by default; `sigmoid` and `identity` are ours, torch has the other two. */
  readonly nonlinearity?: Nonlinearity | undefined;
}

/**
 * One layer of `rnn` under the names of torch's single cell: `h[t] = f(W_ih x[t] + b_ih + W_hh h[t−1] + b_hh)`.
 *
 * Parameters: `weight_ih` (hidden, input), `weight_hh` (hidden, hidden), `bias_ih` and `bias_hh` (hidden).
 * State: `h`, `[1, lanes, hidden]`. A model's `step` runs it once. `torch.nn.RNNCell`.
 */
export function rnnCell(options: RnnCellOptions): Layer {
  const { nonlinearity = 'tanh' } = (options as typeof options | null | undefined) ?? {}; // none is refused by `recurrent`
  return recurrent('rnnCell', rnnKind('rnnCell', nonlinearity), options, { own: { nonlinearity }, single: true });
}
