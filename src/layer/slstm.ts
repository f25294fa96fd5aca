import type { Layer } from './layer.js';
import { recurrent, type RecurrentOptions } from './recurrent.js';
import { slstmKind } from './slstmKind.js';

/** The sizes of `slstm`, how its layers are stacked, and its heads. */
export interface SlstmOptions extends Omit<RecurrentOptions, 'inputWeight'> {
  /** Parts of the state, each of which the recurrent product mixes on its own; 1 by default. They divide `hiddenSize`. */
  readonly heads?: number | undefined;
}

/**
 * The sLSTM of xLSTM: exponential gates, held in range by a stabiliser, and a state that can count and track parity; its
 * output is `h` of the last layer.
 *
 * ```
 *   i, f, z, o = W_ih x[t] + W_hh h[t−1] + b                each with its own rows of the weights
 *   m[t] = max(i, log σ(f) + m[t−1])                        where n[t−1] is all zeros: i
 *   i′   = exp(i − m[t]),  f′ = exp(log σ(f) + m[t−1] − m[t])     at most 1
 *   c[t] = f′ · c[t−1] + i′ · tanh(z)
 *   n[t] = f′ · n[t−1] + i′
 *   h[t] = σ(o) · c[t] / n[t]
 * ```
 *
 * Takes tokens (as one-hot vectors) or features; gives `hidden` numbers per step, twice as many in both directions.
 * Parameters: `weight_ih_l0` (4 hidden, input), `weight_hh_l0` (heads, 4 hidden / heads, hidden / heads) and `bias_l0`
 * (4 hidden), gates in the order i, f, z, o; from `_l1` on the input is the layer below; `_reverse` for the other
 * direction. State: `h`, `c`, `n` and `m`, `[layers × directions, lanes, hidden]`. The reverse direction starts from its
 * own part of the state, so give such a layer whole sequences: windows that reset.
 * Beck et al., xLSTM: Extended Long Short-Term Memory, 2024, and the authors' code. First weights are uniform, as those
 * of `lstm`. A RangeError or TypeError for options out of range and for unknown names.
 */
export function slstm(options: SlstmOptions): Layer {
  const { heads = 1 } = (options as typeof options | null | undefined) ?? {}; // none is refused by `recurrent`
  return recurrent('slstm', slstmKind('slstm', heads), options, { own: { heads } });
}
