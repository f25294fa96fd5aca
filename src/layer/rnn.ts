import type { Nonlinearity } from '../kernel/kernel.js';
import type { Layer } from './layer.js';
import { recurrent, type RecurrentOptions } from './recurrent.js';
import { rnnKind } from './rnnKind.js';

/** The sizes of `rnn`, how its layers are stacked, and its function. */
export interface RnnOptions extends RecurrentOptions {
  /** `tanh` by default; `sigmoid` and `identity` are ours, torch has the other two. */
  readonly nonlinearity?: Nonlinearity | undefined;
}

/**
 * An Elman network (SRN): `h[t] = f(W_ih x[t] + b_ih + W_hh h[t−1] + b_hh)`; its output is `h` of the last layer.
 *
 * Takes tokens (as one-hot vectors: a row gather) or features; gives `hidden` numbers per step, twice as many in both
 * directions. Parameters: `weight_ih_l0` (hidden, input), `weight_hh_l0` (hidden, hidden), `bias_ih_l0` and
 * `bias_hh_l0` (hidden); from `_l1` on the input is the layer below; `_reverse` for the other direction.
 * State: `h`, `[layers × directions, lanes, hidden]`. The reverse direction starts from its own part of the state, so
 * give such a layer whole sequences: windows that reset.
 * J. L. Elman, Finding Structure in Time, 1990; names, shapes, order and initialisation of `torch.nn.RNN`.
 */
export function rnn(options: RnnOptions): Layer {
  const { nonlinearity = 'tanh' } = (options as typeof options | null | undefined) ?? {}; // none is refused by `recurrent`
  return recurrent('rnn', rnnKind('rnn', nonlinearity), options, { own: { nonlinearity } });
}
