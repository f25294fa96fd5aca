import { callable } from '../check/callable.js';
import { choice, list, object, optional, record, type Schema, text } from '../check/schema.js';
import { show } from '../check/show.js';
import { listNames } from '../check/listNames.js';
import { activation } from '../layer/activation.js';
import { dropout } from '../layer/dropout.js';
import { embedding } from '../layer/embedding.js';
import { gru } from '../layer/gru.js';
import { gruCell } from '../layer/gruCell.js';
import type { Layer } from '../layer/layer.js';
import { linear } from '../layer/linear.js';
import { lstm } from '../layer/lstm.js';
import { lstmCell } from '../layer/lstmCell.js';
import { rnn } from '../layer/rnn.js';
import { rnnCell } from '../layer/rnnCell.js';
import type { Tensors } from '../types.js';
import { loadStateDict } from './loadStateDict.js';
import type { Model } from './model.js';
import { seq2seq } from './seq2seq.js';
import { sequential } from './sequential.js';

/**
 * Functions that make layers of your own from their options, by the `kind` of the layers: what model files and
 * checkpoints need to build a model that has any.
 *
 * Options in a file are plain JSON that nobody has checked: a maker refuses those that it does not know or cannot use,
 * and gives layers that take no memory before they are unrolled over time.
 */
export type LayerMakers = Readonly<Record<string, (options: never) => Layer>>;

/** The layers of the library: a layer's `kind` is the name of its maker. */
const LAYERS: LayerMakers = { activation, dropout, embedding, gru, gruCell, linear, lstm, lstmCell, rnn, rnnCell };

/**
 * Builds a model from its configuration, as JSON.parse gave it, and its parameters: the inverse of
 * `model.configuration` and `stateDict(model)`.
 *
 * What the configuration says is checked and copied, never taken over; an unknown member is an error, and each layer
 * refuses options that it does not know. No memory is taken before the parameters have proved to be those of the layers.
 * TypeError for what is not of the form of a configuration, RangeError for layers that are invalid, do not match or
 * are not those of the parameters.
 */
export function buildModel(configuration: unknown, parameters: Tensors, makers: LayerMakers = {}): Model {
  const { kind, dtype, frozen = [], layers } = buildLayers(configuration, parameters, makers);
  const options = { dtype, frozen };
  let model: Model;
  if (kind === 'sequential') {
    model = sequential(Object.fromEntries(layers), options);
  } else {
    const [encoder, decoder, fc] = [...layers.values()] as [Layer, Layer, Layer];
    model = seq2seq({ encoder, decoder, fc }, options);
  }
  loadStateDict(model, parameters);
  return model;
}

/** A configuration whose members have been checked, and the layers that it describes. */
interface Built extends Omit<Configuration, 'layers'> {
  readonly layers: ReadonlyMap<string, Layer>;
}

interface Configuration {
  readonly kind: 'sequential' | 'seq2seq';
  readonly dtype: 'float32' | 'float64';
  readonly layers: readonly Readonly<Record<string, string | number | boolean>>[];
  readonly frozen: readonly string[] | undefined;
}

/**
 * Makes the layers of a configuration and holds each against the parameters as soon as it is made, so that a file can
 * ask for no more layers than it has numbers for.
 */
export function buildLayers(configuration: unknown, parameters: Tensors, makers: LayerMakers): Built {
  checkMakers(makers);
  const { layers: described, ...rest } = CONFIGURATION(configuration, 'buildModel: configuration');
  const layers = new Map<string, Layer>();
  for (const [i, options] of described.entries()) {
    const [name, layer] = buildLayer(options, `buildModel: configuration.layers[${i}]`, parameters.size, makers);
    if (layers.has(name)) throw new RangeError(`buildModel: two layers have the name ${show(name)}`);
    checkParameters(name, layer, parameters);
    layers.set(name, layer);
  }
  const names = [...layers.keys()];
  if (rest.kind === 'seq2seq' && names.join() !== 'encoder,decoder,fc') {
    throw new TypeError(`buildModel: the layers must be encoder, decoder and fc, got ${listNames(names)}`);
  }
  const inOrder = Object.keys(Object.fromEntries(layers));
  if (inOrder.some((name, i) => name !== names[i])) {
    throw new RangeError('buildModel: layers whose names are integers must be in the order of these');
  }
  return { ...rest, layers };
}

const option: Schema<string | number | boolean> = (value, where) => {
  if (typeof value === 'string' || Number.isFinite(value) || typeof value === 'boolean') return value as string;
  throw new TypeError(`${where} must be a text, a finite number, true or false, got ${show(value)}`);
};
const CONFIGURATION = object<Configuration>({
  kind: choice('sequential', 'seq2seq'),
  dtype: choice('float32', 'float64'),
  layers: list(record(option)),
  frozen: optional(list(text)),
});

/** A layer and its name from `{"name", "kind", …options}`. */
function buildLayer(
  described: Readonly<Record<string, string | number | boolean>>,
  where: string,
  tensors: number,
  makers: LayerMakers,
): [name: string, layer: Layer] {
  const { name: givenName, kind: givenKind, ...options } = described;
  const [name, kind] = [text(givenName, `${where}.name`), text(givenKind, `${where}.kind`)];
  const known = { ...LAYERS, ...makers };
  if (!Object.hasOwn(known, kind)) {
    throw new TypeError(
      `${where}.kind must be one of ${listNames(Object.keys(known))}, got ${show(kind)}; a layer of your own needs ` +
        'its maker: { layers: { kind: maker } }',
    );
  }
  // The one option that multiplies parameters, which are held against those of the file only when they are there.
  const { numLayers } = options;
  if (typeof numLayers === 'number' && numLayers > tensors) {
    throw new RangeError(
      `${where}.numLayers must be at most the number of tensors, ${tensors}, got ${show(numLayers)}`,
    );
  }
  const layer = known[kind]!(options as never);
  if (layer.kind !== kind) {
    throw new TypeError(`${where}: the maker of ${show(kind)} gave a layer of kind ${show(layer.kind)}`);
  }
  // The options that the layer lists are those that it knows.
  for (const [option, value] of Object.entries(options)) {
    if (layer.options[option] !== value) {
      throw new TypeError(
        `${where}: ${listNames([kind])} does not know the option ${listNames([option])}: ${show(value)}`,
      );
    }
  }
  return [name, layer];
}

/** Refuses a layer whose parameters are not among those given; unknown ones are for `loadStateDict` to name. */
function checkParameters(part: string, layer: Layer, parameters: Tensors): void {
  for (const { name, shape } of layer.parameters) {
    const given = parameters.get(`${part}.${name}`)?.shape;
    if (given?.join() !== shape.join()) {
      const got = given === undefined ? 'none' : `[${given.join(', ')}]`;
      throw new RangeError(
        `buildModel: ${listNames([`${part}.${name}`])} must have shape [${shape.join(', ')}], got ${got}`,
      );
    }
  }
}

function checkMakers(makers: LayerMakers): void {
  for (const [kind, maker] of Object.entries(makers)) {
    callable('layers', listNames([kind]), maker);
    if (Object.hasOwn(LAYERS, kind)) {
      throw new TypeError(`layers: ${listNames([kind])} is a layer of the library; give yours a kind of its own`);
    }
  }
}
