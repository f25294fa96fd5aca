import { readFileSync } from 'node:fs';
import { buildModel } from '../model/buildModel.js';
import type { Model } from '../model/model.js';
import type { Vocabulary } from '../token/vocabulary.js';
import { metadataText } from './metadataText.js';
import { readSafetensors } from './readSafetensors.js';
import { savedVocabulary } from './savedVocabulary.js';
import { anything, optional, record } from './schema.js';

export interface LoadedModel {
  readonly model: Model;
  readonly vocabulary?: Vocabulary;
  /** Where the model comes from, as it was given to `saveModel`. */
  readonly provenance?: Readonly<Record<string, unknown>>;
}

const TEXTS: readonly string[] = ['format', 'version', 'configuration', 'vocabulary', 'unknown', 'provenance'];

/**
 * Reads a model file: the inverse of `saveModel`. The model gives the same numbers as the one that was saved, to the
 * bit, and saves to the same bytes.
 *
 * Nothing in the file is taken on trust: its layout, each text of its metadata and the shape of each parameter are
 * checked, and weights that are not finite are refused. An error names the path and carries its cause, a
 * `SafetensorsError` where the file is malformed. For files of other programs there is `readTensors`.
 */
export function loadModel(path: string): LoadedModel {
  try {
    return load(readFileSync(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`loadModel: ${path} could not be loaded: ${reason}`, { cause });
  }
}

function load(bytes: Uint8Array): LoadedModel {
  const { tensors, metadata } = readSafetensors(bytes, { finite: true });
  const format = metadata.get('format');
  if (format !== 'rxrnn') {
    throw new TypeError(`format must be rxrnn, got ${shown(format)}; readTensors reads the files of other programs`);
  }
  const version = metadata.get('version');
  if (version !== '1') throw new TypeError(`version must be 1, got ${shown(version)}`);
  for (const key of metadata.keys()) {
    if (!TEXTS.includes(key)) throw new TypeError(`the metadata has an unknown text ${shown(key)}`);
  }

  const vocabulary = savedVocabulary(metadata);
  const provenance = optional(record(anything))(metadataText(metadata, 'provenance'), 'provenance');
  const model = buildModel(metadataText(metadata, 'configuration'), tensors);
  for (const [name, { data }] of model.weights.tensors) {
    // float64 numbers in a float32 model may be too large for it
    if (!data.every(Number.isFinite)) throw new RangeError(`${name} is not finite as ${model.dtype}`);
  }
  return {
    model,
    ...(vocabulary && { vocabulary }),
    ...(provenance !== undefined && { provenance }),
  };
}

function shown(text: string | undefined): string {
  if (text === undefined) return 'none';
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
