import { readFileSync } from 'node:fs';
import type { OptimizerState } from '../learn/optimizer.js';
import { buildModel } from '../model/buildModel.js';
import type { Model } from '../model/model.js';
import type { RandomState } from '../random/random.js';
import type { Place } from '../flow/bookmark.js';
import type { Tensor, Tensors } from '../types.js';
import { metadataText } from '../format/metadataText.js';
import { savedVocabulary } from '../format/savedVocabulary.js';
import {
  anything,
  count,
  list,
  number,
  object,
  optional,
  orNull,
  record,
  type Schema,
  text,
} from '../format/schema.js';
import { PREFIXES, type Snapshot, TEXTS, type ValidationMark } from './snapshot.js';
import { unseal } from './unseal.js';

/** A checkpoint that was read. */
export interface Checkpoint extends Snapshot {
  readonly path: string;
  /** A model of its own with the weights of the checkpoint. */
  readonly model: Model;
  readonly losses: readonly number[];
  readonly validations: readonly ValidationMark[];
  /** What wrote it. */
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Reads a checkpoint that `saveCheckpoint` or `checkpoint` wrote: to go on learning by
 * `train(saved.model, { optimizer, dropout, resumeFrom: saved.training })`, or to use the model.
 *
 * A file that is not byte for byte what was written is refused, by its SHA-256 where nothing else tells, and so is one
 * whose numbers are not finite or do not fit together. The error names the path and carries its cause.
 */
export function loadCheckpoint(path: string): Checkpoint {
  try {
    return { path, ...load(readFileSync(path)) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`loadCheckpoint: ${path} could not be loaded: ${reason}`, { cause });
  }
}

function load(bytes: Uint8Array): Omit<Checkpoint, 'path'> {
  const { tensors, metadata } = unseal(bytes);
  const format = `${metadata.get('format')} ${metadata.get('version')}`;
  if (format !== 'rxrnn-checkpoint 1') throw new TypeError(`format must be rxrnn-checkpoint 1, got ${format}`);
  const unknown = [...metadata.keys()].find((key) => !(TEXTS as readonly string[]).includes(key));
  if (unknown !== undefined) throw new TypeError(`the metadata has an unknown text ${JSON.stringify(unknown)}`);
  const read = <T>(key: (typeof TEXTS)[number], schema: Schema<T>): T => schema(metadataText(metadata, key), key);

  const { weights, moments, hidden, losses } = parted(tensors);
  const configuration = read('configuration', record(anything));
  const { step, tokens, optimizer, dropout } = read('training', TRAINING);
  const model = buildModel(configuration, weights);
  return {
    model,
    training: { configuration, step, tokens, weights, optimizer: { ...optimizer, moments }, hidden, dropout },
    losses,
    place: read('place', optional(PLACE)),
    randoms: read('randoms', optional(record(RANDOM))),
    validations: read('validations', optional(list(MARK))) ?? [],
    nextLoss: read('nextLoss', optional(number)),
    config: read('config', optional(record(anything))),
    vocabulary: savedVocabulary(metadata),
    versions: read('versions', record(text)),
  };
}

const RANDOM = object<RandomState>({ generator: text, registers: list(number), kept: orNull(number) });
const PLACE = object<Place>({ epoch: count, stages: record(list(number)) });
const MARK = object<ValidationMark>({ step: count, loss: number });
const TRAINING = object<{
  step: number;
  tokens: number;
  optimizer: Omit<OptimizerState, 'moments'>;
  dropout: RandomState | undefined;
}>({
  step: count,
  tokens: count,
  optimizer: object({ kind: text, updates: count, powers: record(number) }),
  dropout: optional(RANDOM),
});

interface Parts {
  readonly weights: Tensors;
  readonly moments: Tensors;
  readonly hidden: Tensors;
  readonly losses: readonly number[];
}

function parted(tensors: Tensors): Parts {
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
    else throw new RangeError(`a checkpoint has no tensor ${JSON.stringify(name)}`);
  }
  if (losses === undefined) throw new RangeError('the tensor "losses" is missing');
  return { ...parts, losses };
}
