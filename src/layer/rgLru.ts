import type { Layer } from './layer.js';
import { recurrent, type RecurrentOptions } from './recurrent.js';
import { rgLruKind } from './rgLruKind.js';

/** The sizes of `rgLru`, how its layers are stacked, and its gates. */
export interface RgLruOptions extends Omit<
  RecurrentOptions,
  'recurrentDropout' | 'recurrentInitializer' | 'inputWeight'
> {
  /** Blocks of the gates' weights, each of which sees its own part of the input; 1 by default. They divide `hiddenSize`. */
  readonly heads?: number | undefined;
  /**
   * Whether a linear layer, `linear_x`, brings the input to the width of the state, as in Griffin's recurrent block;
   * `true` by default. Without it the layer is the bare unit: it takes features, as many as `hiddenSize`.
   */
  readonly projection?: boolean | undefined;
}

/**
 * Real-gated linear recurrent units: each unit decays at a rate of its own, gated by the input; its output is `h` of the
 * last layer.
 *
 * ```
 *   u    = W_x x[t] + b_x                                  with a projection, else x[t]
 *   i, r = σ(W_i u + b_i), σ(W_r u + b_r)                  in blocks, one per head
 *   a    = e^(−8 r softplus(a_param))                      0 at the first step of a sequence
 *   h[t] = a · h[t−1] + √(1 − a²) · i · u
 * ```
 *
 * Takes tokens (as one-hot vectors) or features; gives `hidden` numbers per step, twice as many in both directions.
 * Parameters: `linear_x.weight_l0` (hidden, input) and `linear_x.bias_l0` (hidden), where there is a projection;
 * `a_param_l0` (hidden); of `input_gate` and `a_gate`, whose gates are i and r, `.w_l0` (heads, hidden / heads inputs,
 * hidden / heads outputs) and `.b_l0` (heads, hidden / heads); from `_l1` on the input is the layer below; `_reverse` for
 * the other direction. State: `h`, and `started`, which is 0 before the first step and 1 after it,
 * `[layers × directions, lanes, hidden]`. The reverse direction starts from its own part of the state, so give such a
 * layer whole sequences: windows that reset.
 * De et al., Griffin, 2024; the numbers, names and initialisation of `RGLRU` of recurrentgemma, whose convolution and
 * other branch are not part of it. A RangeError or TypeError for options out of range and for unknown names.
 */
export function rgLru(options: RgLruOptions): Layer {
  const given = (options as typeof options | null | undefined) ?? {}; // `recurrent` refuses none
  const { heads = 1, projection = true, numLayers = 1, bidirectional = false } = given as Partial<typeof options>;
  const own = { heads, projection };
  const kind = rgLruKind('rgLru', own);
  if (!projection && bidirectional && typeof numLayers === 'number' && numLayers > 1) {
    throw new RangeError(
      'rgLru: without projection, both directions cannot be stacked: layer 1 would get the outputs of both, twice as ' +
        'many numbers as its state has; give it a projection, one layer or one direction',
    );
  }
  return recurrent('rgLru', kind, options, { own, takes: projection ? 'either' : 'features' });
}
