import type { Layer } from './layer.js';
import { minGruKind } from './minGruKind.js';
import { type CellOptions, recurrent } from './recurrent.js';

/** The sizes of `minGruCell`, and its candidate. */
export interface MinGruCellOptions extends Omit<CellOptions, 'recurrentInitializer'> {
  /** `plain` by default; `log` makes the candidate positive, as for `minGru`. */
  readonly form?: 'plain' | 'log' | undefined;
}

/**
 * One layer of `minGru` without numbers in its names: `h[t] = (1 − z) · h[t−1] + z · n`.
 *
 * Parameters: `weight_ih` (2 hidden, input) and `bias_ih` (2 hidden), rows in the order n, z. State: `h`,
 * `[1, lanes, hidden]`. A model's `step` runs it once. Feng et al., 2024.
 */
export function minGruCell(options: MinGruCellOptions): Layer {
  const { form = 'plain' } = (options as typeof options | null | undefined) ?? {}; // none is refused by `recurrent`
  return recurrent('minGruCell', minGruKind('minGruCell', form), options, { own: { form }, single: true });
}
