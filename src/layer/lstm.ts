import type { Layer } from './layer.js';
import { type LayerNormLstmOptions, normedKind } from './normedKind.js';
import { recurrent, type RecurrentOptions } from './recurrent.js';

/** The sizes of `lstm`, how its layers are stacked, and its layer norm. */
export interface LstmOptions extends RecurrentOptions, LayerNormLstmOptions {}

/**
 * Long short-term memory: gates keep, write and read a cell `c`; its output is `h` of the last layer.
 *
 * ```
 *   i, f, o = σ(W_ih x[t] + b_ih + W_hh h[t−1] + b_hh)     each with its own rows of the weights
 *   g       = tanh(W_ih x[t] + b_ih + W_hh h[t−1] + b_hh)
 *   c[t]    = f · c[t−1] + i · g
 *   h[t]    = o · tanh(c[t])
 * ```
 *
 * Takes tokens (as one-hot vectors) or features; gives `hidden` numbers per step, twice as many in both directions.
 * Parameters: `weight_ih_l0` (4 hidden, input), `weight_hh_l0` (4 hidden, hidden), `bias_ih_l0` and `bias_hh_l0`
 * (4 hidden), rows in the order i, f, g, o; from `_l1` on the input is the layer below; `_reverse` for the other
 * direction. State: `h` and `c`, `[layers × directions, lanes, hidden]`. The reverse direction starts from its own
 * part of the state, so give such a layer whole sequences: windows that reset.
 *
 * With `layerNorm` the sums are `LN(W_ih x[t]) + LN(W_hh h[t−1])`, and the norms' weights and biases take the place of
 * `bias_ih` and `bias_hh`: `layernorm_i.weight_l0` and `.bias_l0`, `layernorm_h` (4 hidden) and `layernorm_c` (hidden).
 * Hochreiter and Schmidhuber, Long Short-Term Memory, 1997, with the forget gate of Gers, Schmidhuber and Cummins,
 * 2000; names, shapes, order and initialisation of `torch.nn.LSTM`.
 */
export function lstm(options: LstmOptions): Layer {
  const { kind, own } = normedKind('lstm', options);
  return recurrent('lstm', kind, options, { own });
}
