import type { Tensor } from '../types.js';
import { checkFresh, type Unrolled } from './stages.js';

/**
 * Copies what the decoder of a `seq2seq` looked at in a window, `[steps, lanes, source steps]`: for each step and lane shares
 * of the source's steps that add up to 1, zeros where the source is padding.
 *
 * An Error where the model has no attention, and where a later window has overwritten the numbers: call it when the handle
 * arrives. While decoding, each `model.step` gives those of its step.
 *
 * ```ts
 * import { of } from 'rxjs';
 * import { attention, attentionWeights, gru, linear, seq2seq, unroll, type Window } from 'rxrnn';
 *
 * const model = seq2seq({
 *   encoder: gru({ inputSize: 5, hiddenSize: 8 }),
 *   attention: attention({ score: 'general', querySize: 8, keySize: 8 }),
 *   decoder: gru({ inputSize: 5, hiddenSize: 8 }),
 *   combine: linear({ inputSize: 16, outputSize: 8 }),
 *   fc: linear({ inputSize: 8, outputSize: 5 }),
 * });
 * const window: Window = {
 *   lanes: 1,
 *   source: { steps: 3, inputs: Int32Array.of(2, 3, 1) },
 *   steps: 2,
 *   inputs: Int32Array.of(0, 3),
 *   targets: Int32Array.of(3, 2),
 * };
 * of(window)
 *   .pipe(unroll(model))
 *   .subscribe((unrolled) => console.log(attentionWeights(unrolled).shape)); // -> [ 2, 1, 3 ]
 * ```
 */
export function attentionWeights(unrolled: Unrolled): Tensor {
  checkFresh('attentionWeights', unrolled);
  const weights = unrolled.tape.attention();
  if (weights) return weights;
  throw new Error(`attentionWeights: the model, a ${unrolled.model.kind}, has no attention`);
}
