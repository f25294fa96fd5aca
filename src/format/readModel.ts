import { buildModel } from '../model/buildModel.js';
import type { Model } from '../model/model.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import { metadataText } from './metadataText.js';
import { readSafetensors } from './readSafetensors.js';
import { savedVocabulary } from './savedVocabulary.js';
import { anything, optional, record } from './schema.js';

/** What a model file holds. */
export interface LoadedModel {
  readonly model: Model;
  /** What the tokens mean; absent where the file does not say. */
  readonly vocabulary?: Vocabulary;
  /** Where the model comes from, as it was given to `saveModel`. */
  readonly provenance?: Readonly<Record<string, unknown>>;
}

const TEXTS: readonly string[] = ['format', 'version', 'configuration', 'vocabulary', 'unknown', 'provenance'];

/**
 * Makes the model, and its vocabulary, of the bytes of a model file: what `loadModel` does, where there are no files.
 * In a browser: `readModel(new Uint8Array(await (await fetch('names.safetensors')).arrayBuffer()))`.
 *
 * Nothing in the bytes is taken on trust: their layout, each text of the metadata and the shape of each parameter are
 * checked, and weights that are not finite are refused. The bytes are copied. A `SafetensorsError` where they are
 * malformed, a TypeError or RangeError where they are no model.
 */
export function readModel(bytes: Uint8Array): LoadedModel {
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
