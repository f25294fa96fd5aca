import type { Layer } from './layer.js';
import { type CellOptions, recurrent } from './recurrent.js';
import { slstmKind } from './slstmKind.js';

/** The sizes of `slstmCell`, and its heads. */
export interface SlstmCellOptions extends CellOptions {
  /** Parts of the state, each of which the recurrent product mixes on its own; 1 by default. They divide `hiddenSize`. */
  readonly heads?: number | undefined;
}

/**
 * One layer of `slstm` without numbers in its names: `c[t] = f′ · c[t−1] + i′ · tanh(z); h[t] = σ(o) · c[t] / n[t]`.
 *
 * Parameters: `weight_ih` (4 hidden, input), `weight_hh` (heads, 4 hidden / heads, hidden / heads) and `bias`
 * (4 hidden), gates in the order i, f, z, o. State: `h`, `c`, `n` and `m`, `[1, lanes, hidden]`. A model's `step` runs
 * it once. Beck et al., 2024.
 */
export function slstmCell(options: SlstmCellOptions): Layer {
  const { heads = 1 } = (options as typeof options | null | undefined) ?? {}; // none is refused by `recurrent`
  return recurrent('slstmCell', slstmKind('slstmCell', heads), options, { own: { heads }, single: true });
}
