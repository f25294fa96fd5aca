import { showName } from '../check/showName.js';
import { checkRecord } from '../check/checkRecord.js';
import { refuse } from '../check/refuse.js';
import type { Layer } from '../layer/layer.js';
import type { ModelOptions, NamedLayers } from './allocateParameters.js';
import { checkedLayer } from './checkedLayer.js';
import { layeredModel } from './layeredModel.js';
import type { Model } from './model.js';

/** Options of every model, and a layer beside the others. */
export interface SequentialOptions extends ModelOptions {
  /**
   * A layer that reads the same input as the first and whose output is added to the first outputs of the last: the others
   * learn what it leaves, as a network does beside an `autoregression`. Its parameters begin with `skip.`. None by default.
   */
  readonly skip?: Layer | undefined;
}

/**
 * A model that runs layers one after another, each on the output of the one before.
 *
 * Parameters are named `layer.parameter`: `sequential({ rnn: rnn({ … }), linear: linear({ … }) })` has
 * `rnn.weight_ih_l0` and so on. `torch.nn.Sequential` over an ordered dictionary.
 *
 * A RangeError where there is no layer, where sizes do not match, and for an option that cannot be met; a TypeError for
 * a layer of tokens that is not the first, for a `summary` of the last step after a bidirectional layer that does not say
 * `bidirectional`, and for an unknown option.
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
  if (typeof layers !== 'object' || layers === null || Array.isArray(layers)) {
    refuse('sequential', 'layers', 'an object of layers by name, such as { lstm, linear }', layers, 'none');
  }
  const parts = Object.entries(layers).map(([name, layer]) => [name, checkedLayer('sequential', name, layer)] as const);
  const shown = parts.map(([name, layer]) => [showName(name), layer] as const);
  checkSizes(shown);
  checkDirections(shown);
  checkRecord('sequential', 'options', options);
  const { skip: given, ...rest } = options;
  if (!given) return layeredModel({ kind: 'sequential', layers: parts, options: rest }).model;
  const skip = checkedLayer('sequential', 'skip', given);
  checkSkip(skip, parts);
  return layeredModel({ kind: 'sequential', layers: parts, skip: ['skip', skip], options: rest }).model;
}

function checkSkip({ inputSize, outputSize, takes }: Layer, layers: NamedLayers): void {
  const [firstName, first] = layers[0]!;
  const [lastName, last] = layers.at(-1)!;
  if (inputSize !== first.inputSize) {
    throw new RangeError(
      `sequential: skip takes ${inputSize} numbers, ${showName(firstName)}, whose input it reads, ${first.inputSize}`,
    );
  }
  if (takes !== first.takes && takes !== 'either' && first.takes !== 'either') {
    throw new TypeError(
      `sequential: skip takes ${takes}, ${showName(firstName)}, whose input it reads, ${first.takes}`,
    );
  }
  if (outputSize > last.outputSize) {
    throw new RangeError(
      `sequential: skip gives ${outputSize} numbers, which are added to those of ${showName(lastName)}, ${last.outputSize}`,
    );
  }
}

function checkSizes(layers: NamedLayers): void {
  if (layers.length === 0) throw new RangeError('sequential: needs at least one layer');
  const attention = layers.find(([, { kind }]) => kind === 'attention');
  if (attention) throw new TypeError(`sequential: ${attention[0]} is an attention, which needs a seq2seq to look at`);
  for (let i = 1; i < layers.length; i++) {
    const [before, { outputSize }] = layers[i - 1]!;
    const [name, { inputSize, takes }] = layers[i]!;
    if (takes === 'tokens') throw new TypeError(`sequential: ${name} takes tokens and can only be the first layer`);
    if (inputSize !== outputSize) {
      throw new RangeError(`sequential: ${name} takes ${inputSize} features, ${before} before it gives ${outputSize}`);
    }
  }
}

/** Kinds of layers that leave each number in its place. */
const IN_PLACE: readonly string[] = ['activation', 'dropout'];

/**
 * Refuses a summary of the last step after a bidirectional layer that does not say what becomes of the second direction:
 * at the last step that has read one step alone, at the first all.
 */
function checkDirections(layers: NamedLayers): void {
  for (const [i, [name, { kind, options, bidirectional }]] of layers.entries()) {
    if (kind !== 'summary' || options['pool'] !== 'last' || bidirectional !== undefined) continue;
    const [before, layer] = layers.slice(0, i).findLast(([, { kind }]) => !IN_PLACE.includes(kind)) ?? [];
    if (!layer?.bidirectional) continue;
    throw new TypeError(
      `sequential: ${name} takes the last step of ${before}, which is bidirectional: give summary bidirectional: true, ` +
        'which takes the second direction at the first step, where it has read all; or false, for the last step of both',
    );
  }
}
