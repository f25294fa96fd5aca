import type { Layer } from './layer.js';
import { minGruKind } from './minGruKind.js';
import { recurrent, type RecurrentOptions } from './recurrent.js';

/** The sizes of `minGru`, how its layers are stacked, and its candidate. */
export interface MinGruOptions extends Omit<RecurrentOptions, 'recurrentDropout' | 'recurrentInitializer'> {
  /**
   * `plain` by default: any candidate. `log`: a positive one, `n + 0.5` from 0 up and `σ(n)` below, as where the authors
   * compute the recurrence on logarithms; it wants an initial state that is positive or zeros.
   */
  readonly form?: 'plain' | 'log' | undefined;
}

/**
 * Minimal gated recurrent units: gate and candidate see the input only; its output is `h` of the last layer.
 *
 * ```
 *   n    = W_n x[t] + b_n
 *   z    = σ(W_z x[t] + b_z)
 *   h[t] = (1 − z) · h[t−1] + z · n
 * ```
 *
 * Without a product of the state, all products of a window are one matrix product, which is fast where there is one
 * lane. Takes tokens (as one-hot vectors) or features; gives `hidden` numbers per step, twice as many in both
 * directions. Parameters: `weight_ih_l0` (2 hidden, input) and `bias_ih_l0` (2 hidden), rows in the order n, z; from
 * `_l1` on the input is the layer below; `_reverse` for the other direction. State: `h`,
 * `[layers × directions, lanes, hidden]`. The reverse direction starts from its own part of the state, so give such a
 * layer whole sequences: windows that reset.
 * Feng et al., Were RNNs All We Needed?, 2024; the scan goes step by step in both forms. A RangeError or TypeError for
 * options out of range and for unknown names.
 */
export function minGru(options: MinGruOptions): Layer {
  const { form = 'plain' } = (options as typeof options | null | undefined) ?? {}; // none is refused by `recurrent`
  return recurrent('minGru', minGruKind('minGru', form), options, { own: { form } });
}
