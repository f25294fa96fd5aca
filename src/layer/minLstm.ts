import type { Layer } from './layer.js';
import { minLstmKind } from './minLstmKind.js';
import { recurrent, type RecurrentOptions } from './recurrent.js';

/** The sizes of `minLstm`, how its layers are stacked, and its candidate. */
export interface MinLstmOptions extends Omit<RecurrentOptions, 'recurrentDropout' | 'recurrentInitializer'> {
  /**
   * `plain` by default: any candidate. `log`: a positive one, `n + 0.5` from 0 up and `σ(n)` below, as where the authors
   * compute the recurrence on logarithms; it wants an initial state that is positive or zeros.
   */
  readonly form?: 'plain' | 'log' | undefined;
}

/**
 * Minimal long short-term memory: both gates see the input only and share out the new state; its output is `h`.
 *
 * ```
 *   n    = W_n x[t] + b_n
 *   f, i = σ(W_f x[t] + b_f), σ(W_i x[t] + b_i)
 *   h[t] = f / (f + i) · h[t−1] + i / (f + i) · n
 * ```
 *
 * Without a product of the state, all products of a window are one matrix product, which is fast where there is one
 * lane. Takes tokens (as one-hot vectors) or features; gives `hidden` numbers per step, twice as many in both
 * directions. Parameters: `weight_ih_l0` (3 hidden, input) and `bias_ih_l0` (3 hidden), rows in the order n, f, i; from
 * `_l1` on the input is the layer below; `_reverse` for the other direction. State: `h`,
 * `[layers × directions, lanes, hidden]`. The reverse direction starts from its own part of the state, so give such a
 * layer whole sequences: windows that reset.
 * Feng et al., Were RNNs All We Needed?, 2024; the scan goes step by step and starts from `h` itself, also in the form
 * `log`, where the authors' parallel form starts from g(h). A RangeError or TypeError for options out of range and for
 * unknown names.
 */
export function minLstm(options: MinLstmOptions): Layer {
  const { form = 'plain' } = (options as typeof options | null | undefined) ?? {}; // none is refused by `recurrent`
  return recurrent('minLstm', minLstmKind('minLstm', form), options, { own: { form } });
}
