import { callable } from '../check/callable.js';
import { choice, list, object, orAbsent, record, type Schema, text } from '../check/schema.js';
import { refuse } from '../check/refuse.js';
import { show } from '../check/show.js';
import { listNames } from '../check/listNames.js';
import { showName } from '../check/showName.js';
import { activation } from '../layer/activation.js';
import { adaptiveSoftmax } from '../layer/adaptiveSoftmax.js';
import { attention } from '../layer/attention.js';
import { autoregression } from '../layer/autoregression.js';
import { dropout } from '../layer/dropout.js';
import { embedColumn } from '../layer/embedColumn.js';
import { embedding } from '../layer/embedding.js';
import { gru } from '../layer/gru.js';
import { gruCell } from '../layer/gruCell.js';
import type { Layer } from '../layer/layer.js';
import { linear } from '../layer/linear.js';
import { ngramEmbedding } from '../layer/ngramEmbedding.js';
import { lstm } from '../layer/lstm.js';
import { lstmCell } from '../layer/lstmCell.js';
import { minGru } from '../layer/minGru.js';
import { minGruCell } from '../layer/minGruCell.js';
import { minLstm } from '../layer/minLstm.js';
import { minLstmCell } from '../layer/minLstmCell.js';
import { rgLru } from '../layer/rgLru.js';
import { rgLruCell } from '../layer/rgLruCell.js';
import { rnn } from '../layer/rnn.js';
import { rnnCell } from '../layer/rnnCell.js';
import { slstm } from '../layer/slstm.js';
import { slstmCell } from '../layer/slstmCell.js';
import { summary } from '../layer/summary.js';
import type { HalfDtype, Tensors } from '../types.js';
import { checkedLayer } from './checkedLayer.js';
import { checkForm, formOf, type LayerForms } from './formOf.js';
import type { Model } from './model.js';
import { seq2seq, SEQ2SEQ_LAYERS, type Seq2seqLayers } from './seq2seq.js';
import { sequential } from './sequential.js';

/**
 * Functions that make layers of your own from their options, by the `kind` of the layers: what model files and
 * checkpoints need to build a model that has any.
 *
 * Options in a file are plain JSON that nobody has checked: a maker refuses those that it does not know or cannot use,
 * and returns layers that take no memory until a model runs them.
 */
export type LayerMakers = Readonly<Record<string, (options: never) => Layer>>;

/** The layers of the library: a layer's `kind` is the name of its maker. */
export const LAYERS: LayerMakers = {
  activation,
  adaptiveSoftmax,
  attention,
  autoregression,
  dropout,
  embedColumn,
  embedding,
  gru,
  gruCell,
  linear,
  lstm,
  lstmCell,
  minGru,
  minGruCell,
  minLstm,
  minLstmCell,
  ngramEmbedding,
  rgLru,
  rgLruCell,
  rnn,
  rnnCell,
  slstm,
  slstmCell,
  summary,
};

/**
 * Builds a model from its layers, which `buildLayers` made of its configuration, and its parameters: the inverse of
 * `model.configuration` and `stateDict(model)`. A RangeError for layers that do not match each other.
 */
export function buildModel(
  { kind, dtype, frozen = [], weightTying, layers, skip }: Built,
  parameters: Tensors,
  weights?: HalfDtype,
): Model {
  const options = { dtype, frozen, weightTying, stateDict: parameters, weights };
  if (kind === 'sequential') return sequential(Object.fromEntries(layers), { ...options, skip });
  return seq2seq(Object.fromEntries(layers) as unknown as Seq2seqLayers, options);
}

/** A configuration whose members have been checked, and the layers that it describes. */
interface Built extends Omit<Configuration, 'layers' | 'skip'> {
  readonly layers: ReadonlyMap<string, Layer>;
  readonly skip: Layer | undefined;
}

interface Configuration {
  readonly kind: 'sequential' | 'seq2seq';
  readonly dtype: 'float32' | 'float64';
  readonly layers: readonly Readonly<Record<string, string | number | boolean>>[];
  readonly frozen: readonly string[] | undefined;
  readonly weightTying: Readonly<Record<string, string>> | undefined;
  readonly skip: Readonly<Record<string, string | number | boolean>> | undefined;
}

/**
 * Makes the layers of a configuration, as JSON.parse gave it, and checks each against the parameters as soon as it is
 * made, so that a file cannot ask for more layers than it has numbers for.
 *
 * What the configuration says is checked and copied, never taken over; an unknown member is an error, and each layer
 * refuses options that it does not know. No memory is taken. A TypeError for anything that does not have the form of a
 * configuration; a RangeError for layers that are invalid or do not fit the parameters.
 */
export function buildLayers(
  configuration: unknown,
  parameters: Tensors,
  makers: LayerMakers = {},
  forms: LayerForms = {},
): Built {
  checkMakers(makers);
  const known = { ...LAYERS, ...makers };
  const { layers: described, skip: besides, ...rest } = CONFIGURATION(configuration, 'buildModel: configuration');
  if (described.length === 0) throw new RangeError('buildModel: configuration.layers needs at least one layer');
  parameters = withTied(parameters, rest.weightTying);
  const layers = new Map<string, Layer>();
  for (const [i, options] of described.entries()) {
    const [name, layer] = buildLayer(options, `buildModel: configuration.layers[${i}]`, parameters.size, known);
    if (layers.has(name)) throw new RangeError(`buildModel: two layers have the name ${show(name)}`);
    checkParameters(name, layer, parameters);
    if (Object.hasOwn(forms, name)) checkForm(`buildModel: layer ${showName(name)}`, layer, forms[name]!);
    layers.set(name, layer);
  }
  if (besides && rest.kind !== 'sequential') throw new TypeError('buildModel: only a sequential has a skip');
  const skip = besides && skipOf(besides, parameters, known, forms);
  if (skip && layers.has('skip')) throw new RangeError('buildModel: two layers have the name "skip"');
  checkNoOthers(skip ? new Map([...layers, ['skip', skip]]) : layers, parameters);
  const names = [...layers.keys()];
  const needed = ['encoder', 'decoder', 'fc'].every((name) => layers.has(name));
  const expected = SEQ2SEQ_LAYERS.filter((name) => layers.has(name));
  if (rest.kind === 'seq2seq' && !(needed && names.join() === expected.join())) {
    throw new TypeError(
      `buildModel: the layers must be encoder, decoder and fc, got ${listNames(names)}; of a seq2seq there may be, in ` +
        `this order, ${listNames(SEQ2SEQ_LAYERS)}`,
    );
  }
  const inOrder = Object.keys(Object.fromEntries(layers));
  if (inOrder.some((name, i) => name !== names[i])) {
    throw new RangeError('buildModel: layers whose names are integers must be in numeric order');
  }
  return { ...rest, layers, skip };
}

/** Parameters, and those that share the numbers of others: files have each once. */
function withTied(parameters: Tensors, ties: Configuration['weightTying'] = {}): Tensors {
  const all = new Map(parameters);
  for (const [name, kept] of Object.entries(ties)) {
    const tensor = parameters.get(kept);
    if (tensor && !all.has(name)) all.set(name, tensor);
  }
  return all;
}

/** The layer beside the others, whose name is always the same. */
function skipOf(
  described: NonNullable<Configuration['skip']>,
  parameters: Tensors,
  known: LayerMakers,
  forms: LayerForms,
): Layer {
  const where = 'buildModel: configuration.skip';
  if (Object.hasOwn(described, 'name')) throw new TypeError(`${where} has an unknown member "name"`);
  const [, layer] = buildLayer({ name: 'skip', ...described }, where, parameters.size, known);
  checkParameters('skip', layer, parameters);
  if (Object.hasOwn(forms, 'skip')) checkForm('buildModel: skip', layer, forms['skip']!);
  return layer;
}

const option: Schema<string | number | boolean> = (value, where) => {
  if (typeof value === 'string' || Number.isFinite(value) || typeof value === 'boolean') return value as string;
  throw new TypeError(`${where} must be a text, a finite number, true or false, got ${show(value)}`);
};
const CONFIGURATION = object<Configuration>({
  kind: choice('sequential', 'seq2seq'),
  dtype: choice('float32', 'float64'),
  layers: list(record(option)),
  frozen: orAbsent(list(text)),
  weightTying: orAbsent(record(text)),
  skip: orAbsent(record(option)),
});

/** Makes a layer from `{"name", "kind", …options}`, and returns it with its name. */
function buildLayer(
  described: Readonly<Record<string, string | number | boolean>>,
  where: string,
  tensors: number,
  known: LayerMakers,
): [name: string, layer: Layer] {
  const { name: givenName, kind: givenKind, ...options } = described;
  const [name, kind] = [text(givenName, `${where}.name`), text(givenKind, `${where}.kind`)];
  if (!Object.hasOwn(known, kind)) {
    throw new TypeError(
      `${where}.kind must be one of ${listNames(Object.keys(known))}, got ${show(kind)}; a layer of your own needs ` +
        'its maker: { layers: { kind: maker } }',
    );
  }
  // The one option that multiplies parameters: these are checked against the file's only after they were listed.
  const { numLayers } = options;
  if (typeof numLayers === 'number' && numLayers > tensors) {
    throw new RangeError(
      `${where}.numLayers must be at most the number of tensors, ${tensors}, got ${show(numLayers)}`,
    );
  }
  const layer = checkedLayer(where, `the layer of ${kind}`, known[kind]!(options as never));
  if (layer.kind !== kind) {
    throw new TypeError(`${where}: the maker of ${show(kind)} gave a layer of kind ${show(layer.kind)}`);
  }
  // A layer lists the options that it knows.
  for (const [option, value] of Object.entries(options)) {
    if (layer.options[option] !== value) {
      throw new TypeError(`${where}: ${showName(kind)} does not know the option ${showName(option)}: ${show(value)}`);
    }
  }
  return [name, layer];
}

/** Refuses parameters that no layer has. */
function checkNoOthers(layers: ReadonlyMap<string, Layer>, parameters: Tensors): void {
  const own = new Set<string>();
  for (const [part, layer] of layers) for (const { name } of layer.parameters) own.add(`${part}.${name}`);
  const others = [...parameters.keys()].filter((name) => !own.has(name));
  if (others.length > 0) throw new RangeError(`buildModel: the model has no ${listNames(others)}`);
}

/**
 * The forms of those of these layers that are not the library's, for a file; undefined where all are.
 */
export function foreignForms({ layers, skip }: Pick<Built, 'layers' | 'skip'>): LayerForms | undefined {
  const all = [...layers, ...(skip ? [['skip', skip] as const] : [])];
  const foreign = all.filter(([, { kind }]) => !Object.hasOwn(LAYERS, kind));
  return foreign.length === 0 ? undefined : Object.fromEntries(foreign.map(([name, layer]) => [name, formOf(layer)]));
}

/** Refuses a layer whose parameters are not among those given. */
function checkParameters(part: string, layer: Layer, parameters: Tensors): void {
  for (const { name, shape } of layer.parameters) {
    const given = parameters.get(`${part}.${name}`)?.shape;
    if (given?.join() !== shape.join()) {
      const got = given === undefined ? 'none' : `[${given.join(', ')}]`;
      throw new RangeError(
        `buildModel: ${showName(`${part}.${name}`)} must have shape [${shape.join(', ')}], got ${got}`,
      );
    }
  }
}

function checkMakers(makers: LayerMakers): void {
  if (typeof makers !== 'object' || makers === null || Array.isArray(makers)) {
    refuse('layers', 'makers', 'an object of functions by kind', makers, 'none');
  }
  for (const [kind, maker] of Object.entries(makers)) {
    callable('layers', showName(kind), maker);
    if (Object.hasOwn(LAYERS, kind)) {
      throw new TypeError(`layers: ${showName(kind)} is a layer of the library; give yours a kind of its own`);
    }
  }
}
