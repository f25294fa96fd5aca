import { anything as anyValue } from '../check/anything.js';
import { options as checkOptions } from '../check/options.js';
import { anything, optional, record } from '../check/schema.js';
import { show } from '../check/show.js';
import { listNames } from '../check/listNames.js';
import { buildModel, type LayerMakers } from '../model/buildModel.js';
import type { Model } from '../model/model.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import { metadataText } from './metadataText.js';
import { readSafetensors } from './readSafetensors.js';
import { savedVocabulary } from './vocabularyTexts.js';

/** What a model file holds besides the parameters of the library's layers. */
export interface ReadModelOptions {
  /** Makers of your own layers by their kind; needed where the model has any. */
  readonly layers?: LayerMakers;
}

/** What a model file holds. */
export interface LoadedModel {
  readonly model: Model;
  /** The vocabulary of the tokens; absent where the file has none. */
  readonly vocabulary?: Vocabulary;
  /** Where the model comes from, as it was given to `saveModel`; absent where it was not. */
  readonly provenance?: Readonly<Record<string, unknown>>;
}

const TEXTS: readonly string[] = ['format', 'version', 'configuration', 'vocabulary', 'unknown', 'provenance'];

/**
 * Makes the model and its vocabulary from the bytes of a model file: what `loadModel` does, where there are no files.
 * In a browser: `readModel(new Uint8Array(await (await fetch('names.safetensors')).arrayBuffer()))`.
 *
 * Nothing in the bytes is taken on trust: their layout, each text of the metadata and the shape of each parameter are
 * checked, and weights that are not finite are refused. The bytes are copied. A `SafetensorsError` where they are
 * malformed, a TypeError or RangeError where they are not a model, or one of layers that have no maker.
 */
export function readModel(bytes: Uint8Array, options: ReadModelOptions = {}): LoadedModel {
  checkOptions('readModel', options, { layers: anyValue });
  const { tensors, metadata } = readSafetensors(bytes, { finite: true });
  const { configuration, ...texts } = readTexts(metadata);
  if ((configuration as { readonly dtype?: unknown } | null)?.dtype === 'float32') {
    // float64 numbers may be too large for it
    for (const [name, { data }] of tensors) {
      if (data.some((number) => !Number.isFinite(Math.fround(number)))) {
        throw new RangeError(`${listNames([name])} is not finite as float32`);
      }
    }
  }
  return { model: buildModel(configuration, tensors, options.layers), ...texts };
}

/** The texts of a model file, checked; the configuration is still for `buildModel` to check. */
export function readTexts(
  metadata: ReadonlyMap<string, string>,
): Omit<LoadedModel, 'model'> & { readonly configuration: unknown } {
  const format = metadata.get('format');
  if (format !== 'rxrnn') {
    throw new TypeError(`format must be rxrnn, got ${showText(format)}; readTensors reads the files of other programs`);
  }
  const version = metadata.get('version');
  if (version !== '1') throw new TypeError(`version must be 1, got ${showText(version)}`);
  const unknown = [...metadata.keys()].find((key) => !TEXTS.includes(key));
  if (unknown !== undefined) throw new TypeError(`the metadata has an unknown text ${show(unknown)}`);
  const vocabulary = savedVocabulary(metadata);
  const provenance = optional(record(anything))(metadataText(metadata, 'provenance'), 'provenance');
  return {
    configuration: metadataText(metadata, 'configuration'),
    ...(vocabulary && { vocabulary }),
    ...(provenance !== undefined && { provenance }),
  };
}

function showText(text: string | undefined): string {
  return text === undefined ? 'none' : show(text);
}
