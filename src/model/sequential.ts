import type { Layer } from '../layer/layer.js';
import type { ModelOptions, NamedLayers } from './allocateParameters.js';
import { isLayer } from './isLayer.js';
import { layeredModel } from './layeredModel.js';
import type { Model } from './model.js';

/** Options of every model. */
export type SequentialOptions = ModelOptions;

/**
 * A model that runs layers one after another, each on the output of the one before.
 *
 * Parameters are named `layer.parameter`: `sequential({ rnn: rnn({ … }), linear: linear({ … }) })` has
 * `rnn.weight_ih_l0` and so on. `torch.nn.Sequential` over an ordered dictionary.
 *
 * A RangeError where there is no layer, where sizes do not match, and for an option that cannot be met; a TypeError for
 * a layer of tokens that is not the first, and for an unknown option.
 *
 * ```ts
 * import { linear, rnn, sequential, stateDict } from 'rxrnn';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 3, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 3 }),
 * });
 * const { output, state } = model.step(2, model.zeroState());
 * console.log(output.shape, state.get('rnn.h')!.shape); // -> [ 1, 3 ] [ 1, 1, 8 ]
 * console.log([...stateDict(model).keys()].join(' '));
 * // -> rnn.weight_ih_l0 rnn.weight_hh_l0 rnn.bias_ih_l0 rnn.bias_hh_l0 linear.weight linear.bias
 * ```
 */
export function sequential(layers: Readonly<Record<string, Layer>>, options: SequentialOptions = {}): Model {
  const parts = Object.entries(layers);
  for (const [name, layer] of parts) isLayer('sequential', name, layer);
  checkSizes(parts);
  return layeredModel({ kind: 'sequential', layers: parts, options }).model;
}

function checkSizes(layers: NamedLayers): void {
  if (layers.length === 0) throw new RangeError('sequential: needs at least one layer');
  for (let i = 1; i < layers.length; i++) {
    const [before, { outputSize }] = layers[i - 1]!;
    const [name, { inputSize, takes }] = layers[i]!;
    if (takes === 'tokens') throw new TypeError(`sequential: ${name} takes tokens and can only be the first layer`);
    if (inputSize !== outputSize) {
      throw new RangeError(`sequential: ${name} takes ${inputSize} features, ${before} before it gives ${outputSize}`);
    }
  }
}
