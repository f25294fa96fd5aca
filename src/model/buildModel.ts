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
import type { Dtype, Tensors } from '../types.js';
import type { ModelOptions } from './allocateParameters.js';
import { loadStateDict } from './loadStateDict.js';
import type { Model } from './model.js';
import { seq2seq } from './seq2seq.js';
import { sequential } from './sequential.js';

/** The makers of layers: a layer's `kind` is the name of its maker. */
const LAYERS: ReadonlyMap<string, (options: never) => Layer> = new Map(
  Object.entries({ activation, dropout, embedding, gru, gruCell, linear, lstm, lstmCell, rnn, rnnCell }),
);

/** What each option of a layer must be; beyond that, a layer itself refuses what it cannot work with. */
const OPTIONS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['size', integer(1, 0x7fffffff)],
  ['inputSize', integer(1, 0x7fffffff)],
  ['hiddenSize', integer(1, 0x7fffffff)],
  ['outputSize', integer(1, 0x7fffffff)],
  ['paddingIndex', integer(0, 0x7fffffff)],
  ['numLayers', integer(1, 1000)],
  ['rate', ['a number from 0 to 1', (value) => typeof value === 'number' && value >= 0 && value <= 1]],
  ['dropout', ['a number from 0 to 1', (value) => typeof value === 'number' && value >= 0 && value <= 1]],
  [
    'recurrentDropout',
    ['a number from 0 up, below 1', (value) => typeof value === 'number' && value >= 0 && value < 1],
  ],
  ['bias', oneOf(true, false)],
  ['bidirectional', oneOf(true, false)],
  ['nonlinearity', oneOf('tanh', 'relu', 'sigmoid', 'identity', 'softmax', 'logSoftmax')],
]);

type Check = readonly [what: string, is: (value: unknown) => boolean];

/**
 * Builds a model from its configuration, as JSON.parse gave it, and its parameters: the inverse of
 * `model.configuration` and `stateDict(model)`.
 *
 * What the configuration says is checked and copied, never taken over; an unknown member is an error. No
 * memory is taken before the parameters have proved to be those of its layers. TypeError for what is not of the form
 * of a configuration, RangeError for layers that cannot be, do not meet or are not those of the parameters.
 */
export function buildModel(configuration: unknown, parameters: Tensors): Model {
  const given = members(configuration, 'configuration', ['kind', 'dtype', 'layers', 'frozen']);
  const { kind, dtype, layers, frozen = [] } = given;
  if (kind !== 'sequential' && kind !== 'seq2seq') {
    throw unexpected('configuration.kind', 'sequential or seq2seq', kind);
  }
  if (!isDtype(dtype)) throw unexpected('configuration.dtype', 'float32 or float64', dtype);
  if (!Array.isArray(layers)) throw unexpected('configuration.layers', 'a list', layers);
  if (!isTexts(frozen)) throw unexpected('configuration.frozen', 'a list of names', frozen);

  const parts = new Map<string, Layer>();
  for (const [i, configuration] of (layers as readonly unknown[]).entries()) {
    const [name, layer] = buildLayer(configuration, `configuration.layers[${i}]`);
    if (parts.has(name)) throw new RangeError(`buildModel: two layers have the name ${JSON.stringify(name)}`);
    parts.set(name, layer);
  }
  checkParameters(parts, parameters);
  const options = { dtype, frozen };
  const model = kind === 'sequential' ? chained(parts, options) : paired(parts, options);
  loadStateDict(model, parameters);
  return model;
}

function chained(parts: ReadonlyMap<string, Layer>, options: ModelOptions): Model {
  const named = Object.fromEntries(parts);
  if (Object.keys(named).some((name, i) => name !== [...parts.keys()][i])) {
    throw new RangeError('buildModel: layers whose names are integers must be in the order of these');
  }
  return sequential(named, options);
}

function paired(parts: ReadonlyMap<string, Layer>, options: ModelOptions): Model {
  const names = [...parts.keys()];
  if (names.join() !== 'encoder,decoder,fc') throw unexpected('the layers', 'encoder, decoder and fc', names);
  const [encoder, decoder, fc] = [...parts.values()] as [Layer, Layer, Layer];
  return seq2seq({ encoder, decoder, fc }, options);
}

/** A layer and its name from `{"name", "kind", …options}`. */
function buildLayer(configuration: unknown, where: string): [name: string, layer: Layer] {
  const { name, kind, ...given } = members(configuration, where, ['name', 'kind', ...OPTIONS.keys()]);
  if (typeof name !== 'string') throw unexpected(`${where}.name`, 'a text', name);
  const make = LAYERS.get(String(kind));
  if (make === undefined) throw unexpected(`${where}.kind`, `one of ${[...LAYERS.keys()].join(', ')}`, kind);
  for (const [option, value] of Object.entries(given)) {
    const [what, is] = OPTIONS.get(option)!;
    if (!is(value)) throw unexpected(`${where}.${option}`, what, value);
  }
  const layer = make(given as never);
  // The layer's own account of its options tells which of them it knows and which it misses.
  for (const option of Object.keys(given)) {
    if (!Object.hasOwn(layer.options, option))
      throw unexpected(where, `options of ${layer.kind}`, { [option]: given[option] });
  }
  for (const [option, value] of Object.entries(layer.options)) {
    if (value === undefined) throw unexpected(`${where}.${option}`, 'a value', value);
  }
  return [name, layer];
}

/** Refuses parameters that are not those of the layers; those that the layers lack are for `loadStateDict` to name. */
function checkParameters(parts: ReadonlyMap<string, Layer>, parameters: Tensors): void {
  for (const [part, layer] of parts) {
    for (const { name, shape } of layer.parameters) {
      const given = parameters.get(`${part}.${name}`)?.shape;
      if (given?.join() !== shape.join()) {
        const got = given === undefined ? 'none' : `[${given.join(', ')}]`;
        throw new RangeError(`buildModel: ${part}.${name} must have shape [${shape.join(', ')}], got ${got}`);
      }
    }
  }
}

/** The members of a JSON object, in a fresh one; those that nobody asked for are refused. */
function members(value: unknown, where: string, names: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected(where, 'an object', value);
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`buildModel: ${where} has an unknown member ${JSON.stringify(unknown)}`);
  return { ...value };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function isDtype(value: unknown): value is Dtype {
  return value === 'float32' || value === 'float64';
}

function integer(low: number, high: number): Check {
  const is = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= low && Number(value) <= high;
  return [`an integer from ${low} to ${high}`, is];
}

function oneOf(...choices: readonly unknown[]): Check {
  return [`one of ${choices.join(', ')}`, (value) => choices.includes(value)];
}

function unexpected(where: string, expected: string, value: unknown): TypeError {
  const got = value === undefined ? 'nothing' : JSON.stringify(value);
  return new TypeError(
    `buildModel: ${where} must be ${expected}, got ${got.length > 60 ? `${got.slice(0, 60)}…` : got}`,
  );
}
