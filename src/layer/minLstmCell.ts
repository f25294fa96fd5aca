import type { Layer } from './layer.js';
import { minLstmKind } from './minLstmKind.js';
import { type CellOptions, recurrent } from './recurrent.js';

/** The sizes of `minLstmCell`, and its candidate. */
export interface MinLstmCellOptions extends Omit<CellOptions, 'recurrentInitializer'> {
  /** `plain` by default; `log` makes the candidate positive, as for `minLstm`. */
  readonly form?: 'plain' | 'log' | undefined;
}

/**
 * One layer of `minLstm` without numbers in its names: `h[t] = f / (f + i) · h[t−1] + i / (f + i) · n`.
 *
 * Parameters: `weight_ih` (3 hidden, input) and `bias_ih` (3 hidden), rows in the order n, f, i. State: `h`,
 * `[1, lanes, hidden]`. A model's `step` runs it once. Feng et al., 2024.
 */
export function minLstmCell(options: MinLstmCellOptions): Layer {
  const { form = 'plain' } = (options as typeof options | null | undefined) ?? {}; // none is refused by `recurrent`
  return recurrent('minLstmCell', minLstmKind('minLstmCell', form), options, { own: { form }, single: true });
}
