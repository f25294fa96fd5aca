import type { Layer } from './layer.js';
import { type CellOptions, recurrent } from './recurrent.js';
import { rgLruKind } from './rgLruKind.js';

/** The sizes of `rgLruCell`, and its gates. */
export interface RgLruCellOptions extends Omit<CellOptions, 'recurrentInitializer'> {
  /** Blocks of the gates' weights, each of which sees its own part of the input; 1 by default. They divide `hiddenSize`. */
  readonly heads?: number | undefined;
  /** Whether a linear layer, `linear_x`, comes first, as for `rgLru`; `true` by default. */
  readonly projection?: boolean | undefined;
}

/**
 * One layer of `rgLru` without numbers in its names: `h[t] = a · h[t−1] + √(1 − a²) · i · u`.
 *
 * Parameters: `linear_x.weight` (hidden, input) and `linear_x.bias` (hidden), where there is a projection; `a_param`
 * (hidden), `input_gate.w` and `a_gate.w` (heads, hidden / heads, hidden / heads), `input_gate.b` and `a_gate.b` (heads,
 * hidden / heads). State: `h` and `started`, `[1, lanes, hidden]`. A model's `step` runs it once. De et al., 2024;
 * without projection the names of `RGLRU` of recurrentgemma.
 */
export function rgLruCell(options: RgLruCellOptions): Layer {
  const { heads = 1, projection = true } = (options as typeof options | null | undefined) ?? {}; // `recurrent` refuses none
  const own = { heads, projection };
  const takes = projection ? 'either' : 'features';
  return recurrent('rgLruCell', rgLruKind('rgLruCell', own), options, { own, single: true, takes });
}
