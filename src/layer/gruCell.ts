import { gruKind } from './gruKind.js';
import type { Layer } from './layer.js';
import { type CellOptions, recurrent } from './recurrent.js';

/** The sizes of `gruCell`. */
export type GruCellOptions = CellOptions;

/**
 * One layer of `gru` under the names of torch's single cell: `h[t] = (1 − z) · n + z · h[t−1]`.
 *
 * Parameters: `weight_ih` (3 hidden, input), `weight_hh` (3 hidden, hidden), `bias_ih` and `bias_hh` (3 hidden), rows
 * in the order r, z, n. State: `h`, `[1, lanes, hidden]`. A model's `step` runs it once. `torch.nn.GRUCell`.
 */
export function gruCell(options: GruCellOptions): Layer {
  return recurrent('gruCell', gruKind, options, { single: true });
}
