import { checkRecord } from '../check/checkRecord.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { showName } from '../check/showName.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { Layer } from '../layer/layer.js';
import type { Numbers, Tensor } from '../types.js';
import { type LayerMakers, LAYERS } from './buildModel.js';
import { checkModel } from './checkModel.js';
import type { Model } from './model.js';
import { sequential } from './sequential.js';
import { stateDict } from './stateDict.js';

/** What is needed to make the layers again. */
export interface GrowVocabularyOptions {
  /** Makers of your own layers by their kind; needed where the first or the last is one. */
  readonly layers?: LayerMakers | undefined;
}

/**
 * Makes a model of tokens for a larger vocabulary, whose first tokens are those of the model's: a model continues with a text
 * that has symbols which the first one lacked.
 *
 * A new token starts as the mean of the others, where it is read and where it is predicted: its share is the geometric mean
 * of theirs (of those of the last cluster of an `adaptiveSoftmax`), before shares are made to add up to 1, so that it is
 * seldom expected until it was seen. Among themselves the others keep their shares: their logits have the same bits. The
 * new model has memory of its own, the old one stays; train it with a new optimizer, since the state of an earlier one does
 * not fit.
 *
 * The model is a sequential whose first layer reads tokens and whose last has an `outputSize`: `linear` or
 * `adaptiveSoftmax`, also before an `activation` or a `dropout`. A TypeError that names the layer for others, such as
 * `embedColumn` or an `autoregression` beside the network, which read numbers; a RangeError for a size below that of the
 * vocabulary, and where as many tokens are not read as predicted. Recurrent and linear layers read tokens and numbers
 * alike: a model of them alone is taken to read tokens, and one that was trained on numbers must not be grown.
 *
 * ```ts
 * import { bundledFile, growVocabulary, loadModel, vocabularyOf } from 'rxrnn';
 *
 * const { model, vocabulary } = loadModel(bundledFile('models/names.safetensors'));
 * const larger = vocabularyOf([...vocabulary!.symbols, 'é', 'ü']);
 * const grown = growVocabulary(model, larger.size);
 * console.log(model.outputSize, grown.outputSize); // -> 27 29
 * ```
 */
export function growVocabulary(model: Model, size: number, options: GrowVocabularyOptions = {}): Model {
  const who = 'growVocabulary';
  checkModel(who, 'model', model);
  const { layers: makers = {} } = checkOptions(who, options, { layers: optional(checkRecord) });
  const { kind, dtype, kernel, frozen, skip, inputSize, outputSize, weights } = model;
  if (kind !== 'sequential') throw new TypeError(`${who}: needs a sequential, got a ${showName(kind)}`);
  const parts = [...model.layers];
  for (const [name, { takes }] of [parts[0]!, ...(skip ? [['skip', skip] as const] : [])]) {
    if (takes === 'features') throw new TypeError(`${who}: layer ${showName(name)} reads features, not tokens`);
  }
  if (inputSize !== outputSize) {
    throw new RangeError(
      `${who}: the model reads ${inputSize} tokens and predicts ${outputSize}, which must be as many`,
    );
  }
  wholeNumber(outputSize)(who, 'size', size);

  const larger = new Map<string, Layer>(parts);
  let last = parts.length - 1;
  for (; last > 0 && parts[last]![1].options['size'] === outputSize; last--) again(last, { size });
  again(0, { inputSize: size, ...(last === 0 && { outputSize: size }) });
  if (last > 0) again(last, { outputSize: size });
  const besides = skip && remade('skip', skip, { inputSize: size, ...sizeOf(skip, outputSize, size) });

  const shapes = new Map(
    [...larger, ...(besides ? [['skip', besides] as const] : [])].flatMap(([name, layer]) =>
      layer.parameters.map(({ name: own, shape }): [string, readonly number[]] => [`${name}.${own}`, shape]),
    ),
  );
  const tensors = [...stateDict(model)].map(([name, tensor]) => [name, grown(name, tensor, shapes.get(name))] as const);
  return sequential(Object.fromEntries(larger), {
    dtype,
    backend: kernel.backend,
    frozen: [...frozen],
    stateDict: new Map(tensors),
    weightTying: weights.ties && Object.fromEntries(weights.ties),
    skip: besides,
  });

  /** Makes a layer again with other sizes. */
  function again(place: number, sizes: Readonly<Record<string, number>>): void {
    const [name, layer] = parts[place]!;
    larger.set(name, remade(name, layer, sizes));
  }

  function remade(name: string, layer: Layer, sizes: Readonly<Record<string, number>>): Layer {
    const what = `${who}: layer ${showName(name)}, of kind ${showName(layer.kind)},`;
    if (layer.kind === 'ngramEmbedding') throw new TypeError(`${what} numbers its rows by the size of the vocabulary`);
    const maker = Object.hasOwn(makers, layer.kind) ? makers[layer.kind] : LAYERS[layer.kind];
    if (!maker) throw new TypeError(`${what} needs its maker: { layers: { kind: maker } }`);
    for (const option of Object.keys(sizes)) {
      if (layer.options[option] === undefined) throw new TypeError(`${what} has no ${option}, by which it would grow`);
    }
    return maker({ ...layer.options, ...sizes } as never);
  }
}

/** The new size of the outputs, where they are the whole vocabulary. */
function sizeOf(layer: Layer, before: number, size: number): { readonly outputSize?: number } {
  return layer.outputSize === before ? { outputSize: size } : {};
}

/** A tensor of a larger shape: what is new is the mean of what there is, along each side that is longer. */
function grown(name: string, { shape, data }: Tensor, to: readonly number[] | undefined): Tensor {
  if (to?.length !== shape.length || to.some((length, side) => length < shape[side]!)) {
    throw new RangeError(
      `growVocabulary: ${showName(name)} has shape [${shape.join(', ')}], and ${to ? `[${to.join(', ')}]` : 'none'} in the larger model`,
    );
  }
  let [now, numbers] = [[...shape], data];
  for (const [side, length] of to.entries()) {
    if (length === now[side]) continue;
    numbers = extended(numbers, now, side, length);
    now = now.with(side, length);
  }
  return { shape: now, data: numbers };
}

function extended(data: Numbers, shape: readonly number[], side: number, length: number): Numbers {
  const product = (lengths: readonly number[]): number => lengths.reduce((all, one) => all * one, 1);
  const before = shape[side]!;
  const [blocks, inner] = [product(shape.slice(0, side)), product(shape.slice(side + 1))];
  const result = new (data instanceof Float64Array ? Float64Array : Float32Array)(blocks * length * inner);
  for (let block = 0; block < blocks; block++) {
    const own = data.subarray(block * before * inner, (block + 1) * before * inner);
    result.set(own, block * length * inner);
    for (let i = 0; i < inner; i++) {
      let sum = 0;
      for (let k = 0; k < before; k++) sum += own[k * inner + i]!;
      for (let k = before; k < length; k++) result[(block * length + k) * inner + i] = sum / before;
    }
  }
  return result;
}
