import { checkRecord } from '../check/checkRecord.js';
import { optional as perhaps } from '../check/optional.js';
import { string } from '../check/string.js';
import { options as checkOptions } from '../check/options.js';
import { visible } from '../check/visible.js';
import { reasonOf } from '../check/reasonOf.js';
import { show } from '../check/show.js';
import { showName } from '../check/showName.js';
import type { OptimizerState } from '../learn/optimizer.js';
import { buildLayers, buildModel, type LayerMakers } from '../model/buildModel.js';
import { layerForms, type LayerForms } from '../model/formOf.js';
import { largestEnd } from '../model/largestEnd.js';
import type { Model } from '../model/model.js';
import type { RandomState } from '../random/random.js';
import type { Place } from '../flow/bookmark.js';
import type { Tensor, Tensors } from '../types.js';
import { keptTexts } from '../format/keptTexts.js';
import { metadataText } from '../format/metadataText.js';
import { anyJson, count, list, number, object, orAbsent, orNull, record, type Schema, text } from '../check/schema.js';
import { PREFIXES, type Snapshot, TEXTS, type ValidationMark } from './snapshot.js';
import { readTensorFile } from './readTensorFile.js';
import { unseal } from './seal.js';

/** What a checkpoint needs besides its file. */
export interface LoadCheckpointOptions {
  /** Makers of your own layers by their kind; needed where the model has any. */
  readonly layers?: LayerMakers | undefined;
}

/** A checkpoint that was read. */
export interface Checkpoint extends Snapshot {
  readonly path: string;
  /** A new model with the weights of the checkpoint. */
  readonly model: Model;
  readonly losses: readonly number[];
  readonly validations: readonly ValidationMark[];
  /** Versions of the library, Node and V8 that wrote it. */
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Reads a checkpoint that `saveCheckpoint` or `checkpoint` wrote, to continue learning with
 * `trainer(saved.model, { optimizer, dropoutRandom, resumeFrom: saved.training })` or to use the model.
 *
 * A file that is not byte for byte what was written is refused, by its SHA-256 where nothing else shows it, and so is
 * one whose numbers are not finite or do not fit together. The error names the path and carries its cause.
 */
export function loadCheckpoint(path: string, options: LoadCheckpointOptions = {}): Checkpoint {
  string('loadCheckpoint', 'path', path);
  options = checkOptions('loadCheckpoint', options, { layers: perhaps(checkRecord) });
  try {
    return { path, ...load(readTensorFile(path), options.layers) };
  } catch (cause) {
    throw new Error(`loadCheckpoint: ${visible(path)} could not be loaded: ${reasonOf(cause)}`, { cause });
  }
}

function load(bytes: Uint8Array, layers: LayerMakers | undefined): Omit<Checkpoint, 'path'> {
  const { tensors, metadata } = unseal(bytes);
  const { configuration, forms, training, ...texts } = readTexts(metadata);
  const { weights, moments, hidden, losses } = splitTensors(tensors);
  const { step, tokens, optimizer, dropout } = training;
  const built = buildLayers(configuration, weights, layers, forms);
  return {
    training: {
      configuration,
      step,
      tokens,
      weights,
      optimizer: { ...optimizer, moments },
      hidden,
      dropoutRandom: dropout,
    },
    losses,
    ...texts,
    ...keptTexts(metadata, largestEnd(built.layers)),
    model: buildModel(built, weights), // last: what is read before it takes no memory of a kernel
  };
}

/** What the texts of a checkpoint say. */
interface Texts extends Omit<Checkpoint, 'path' | 'model' | 'training' | 'losses' | 'vocabulary' | 'scaling'> {
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly forms: LayerForms | undefined;
  readonly training: Running;
}

/** Reads the texts of a checkpoint, checked, but for its configuration (`buildLayers`) and what must fit it (`keptTexts`). */
export function readTexts(metadata: ReadonlyMap<string, string>): Texts {
  const format = `${metadata.get('format')} ${metadata.get('version')}`;
  if (format !== 'rxrnn-checkpoint 1') {
    throw new TypeError(`format must be rxrnn-checkpoint 1, got ${showName(format)}`);
  }
  const unknown = [...metadata.keys()].find((key) => !(TEXTS as readonly string[]).includes(key));
  if (unknown !== undefined) throw new TypeError(`the metadata has an unknown text ${show(unknown)}`);
  const read = <T>(key: (typeof TEXTS)[number], schema: Schema<T>): T =>
    schema(metadataText(metadata, key, Infinity), key); // sealed, and long runs have many marks
  return {
    configuration: read('configuration', record(anyJson)),
    forms: read('forms', orAbsent(layerForms)),
    training: read('training', TRAINING),
    place: read('place', orAbsent(PLACE)),
    randoms: read('randoms', orAbsent(record(RANDOM))),
    validations: read('validations', orAbsent(list(MARK))) ?? [],
    nextLoss: read('nextLoss', orAbsent(number)),
    data: read('data', orAbsent(text)),
    config: read('config', orAbsent(record(anyJson))),
    versions: read('versions', record(text)),
  };
}

interface Running {
  readonly step: number;
  readonly tokens: number;
  readonly optimizer: Omit<OptimizerState, 'moments'>;
  readonly dropout: RandomState | undefined;
}

const RANDOM = object<RandomState>({ generator: text, registers: list(number), kept: orNull(number) });
const PLACE = object<Place>({ epoch: count, stages: record(list(number)) });
const MARK = object<ValidationMark>({ step: count, loss: number });
const TRAINING = object<Running>({
  step: count,
  tokens: count,
  optimizer: object({ kind: text, updates: count, powers: record(number), scalars: orAbsent(record(number)) }),
  dropout: orAbsent(RANDOM),
});

interface Parts {
  readonly weights: Tensors;
  readonly moments: Tensors;
  readonly hidden: Tensors;
  readonly losses: readonly number[];
}

/** Sorts tensors by their prefixes, which are taken off. */
function splitTensors(tensors: Tensors): Parts {
  const parts = {
    weights: new Map<string, Tensor>(),
    moments: new Map<string, Tensor>(),
    hidden: new Map<string, Tensor>(),
  };
  let losses: readonly number[] | undefined;
  for (const [name, tensor] of tensors) {
    const part = (['weights', 'moments', 'hidden'] as const).find((part) => name.startsWith(PREFIXES[part]));
    if (part) parts[part].set(name.slice(PREFIXES[part].length), tensor);
    else if (name === 'losses') losses = [...tensor.data];
    else throw new RangeError(`a checkpoint has no tensor ${show(name)}`);
  }
  if (losses === undefined) throw new RangeError('the tensor "losses" is missing');
  return { ...parts, losses };
}
