import { gruKind } from './gruKind.js';
import type { Layer } from './layer.js';
import { recurrent, type RecurrentOptions } from './recurrent.js';

/** The sizes of `gru`, and how its layers are stacked. */
export type GruOptions = RecurrentOptions;

/**
 * Gated recurrent units: one gate resets, one mixes old and new; its output is `h` of the last layer.
 *
 * ```
 *   r, z = σ(W_ih x[t] + b_ih + W_hh h[t−1] + b_hh)        each with its own rows of the weights
 *   n    = tanh(W_in x[t] + b_in + r · (W_hn h[t−1] + b_hn))
 *   h[t] = (1 − z) · n + z · h[t−1]
 * ```
 *
 * Takes tokens (as one-hot vectors) or features; gives `hidden` numbers per step, twice as many in both directions.
 * Parameters: `weight_ih_l0` (3 hidden, input), `weight_hh_l0` (3 hidden, hidden), `bias_ih_l0` and `bias_hh_l0`
 * (3 hidden), rows in the order r, z, n; from `_l1` on the input is the layer below; `_reverse` for the other
 * direction. State: `h`, `[layers × directions, lanes, hidden]`. The reverse direction starts from its own part of the
 * state, so give such a layer whole sequences: windows that reset.
 * Cho et al., Learning Phrase Representations using RNN Encoder–Decoder, 2014, the reset gate after the product;
 * names, shapes, order and initialisation of `torch.nn.GRU`.
 */
export function gru(options: GruOptions): Layer {
  return recurrent('gru', gruKind, options);
}
