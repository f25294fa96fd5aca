import { checkBytes } from '../check/checkBytes.js';
import { checkRecord } from '../check/checkRecord.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { type Checks, options as checkOptions } from '../check/options.js';
import { anyJson, orAbsent, record } from '../check/schema.js';
import { show } from '../check/show.js';
import { showName } from '../check/showName.js';
import { buildLayers, buildModel, type LayerMakers } from '../model/buildModel.js';
import { layerForms, type LayerForms } from '../model/formOf.js';
import { largestEnd } from '../model/largestEnd.js';
import type { Model } from '../model/model.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import type { HalfDtype } from '../types.js';
import { keptTexts } from './keptTexts.js';
import { metadataText } from './metadataText.js';
import { readSafetensors } from './readSafetensors.js';
import type { Scaling } from '../series/scalingOf.js';

/** What a model file holds besides the parameters of the library's layers. */
export interface ReadModelOptions {
  /** Makers of your own layers by their kind; needed where the model has any. */
  readonly layers?: LayerMakers | undefined;
  /**
   * Rounds the weights to 16 bits, for a model of float32 that only scores and generates; arithmetic stays float32.
   * `bfloat16` (8 significant bits) is read from memory as such where one stream is read: 1.5 times as fast for an LSTM of
   * 512, twice for 1,000 and more, and no faster for one that fits a cache. Products keep a copy of the weights, so that
   * these take 6 bytes each, and 8 with `float16` or float32. `float16` (11 significant bits from 2^−14 up to 65504, fewer
   * below) is more exact, but no faster; a larger weight is refused by name. Loading takes up to twice the time of float32
   * and as much memory. Such a model refuses to learn.
   */
  readonly weights?: HalfDtype | undefined;
}

/** The checks of these options. */
export const READ_MODEL_CHECKS: Checks<ReadModelOptions> = {
  layers: optional(checkRecord),
  weights: optional(oneOf('float16', 'bfloat16')),
};

/** What a model file holds. */
export interface LoadedModel {
  readonly model: Model;
  /** The vocabulary of the tokens; absent where the file has none. */
  readonly vocabulary?: Vocabulary;
  /** The scaling of the series that it was trained with; absent where the file has none. */
  readonly scaling?: Scaling;
  /** Where the model comes from, as it was given to `saveModel`; absent where it was not. */
  readonly provenance?: Readonly<Record<string, unknown>>;
}

const TEXTS: ReadonlySet<string> = new Set([
  'format',
  'version',
  'configuration',
  'forms',
  'vocabulary',
  'unknown',
  'scaling',
  'provenance',
]);

/**
 * Makes the model and its vocabulary from the bytes of a model file: what `loadModel` does, where there are no files.
 * In a browser: `readModel(new Uint8Array(await (await fetch('names.safetensors')).arrayBuffer()))`.
 *
 * Nothing in the bytes is taken on trust: their layout, each text of the metadata and the shape of each parameter are
 * checked, weights that are not finite are refused, and so is a vocabulary or scaling that is larger than the model's
 * inputs and outputs, before it is built. The bytes are copied. A `SafetensorsError` where they are
 * malformed, a TypeError or RangeError where they are not a model, or one of layers that have no maker.
 */
export function readModel(bytes: Uint8Array, options: ReadModelOptions = {}): LoadedModel {
  options = checkOptions('readModel', options, READ_MODEL_CHECKS);
  checkBytes('readModel', 'bytes', bytes);
  const { tensors, metadata } = readSafetensors(bytes, { finite: true });
  const { configuration, forms, ...provenance } = readTexts(metadata);
  const { dtype } = Object(configuration) as { readonly dtype?: unknown };
  if (options.weights !== undefined && dtype === 'float64') {
    throw new RangeError(
      `weights of ${options.weights} are for models of float32, this one has float64; leave weights out`,
    );
  }
  if (dtype === 'float32') {
    // float64 numbers may be too large for it
    for (const [name, { data }] of tensors) {
      if (data.some((number) => !Number.isFinite(Math.fround(number)))) {
        throw new RangeError(`${showName(name)} is not finite as float32`);
      }
    }
  }
  const layers = buildLayers(configuration, tensors, options.layers, forms);
  const { vocabulary, scaling } = keptTexts(metadata, largestEnd(layers.layers));
  return {
    model: buildModel(layers, tensors, options.weights), // last: what is read before it takes no memory of a kernel
    ...(vocabulary && { vocabulary }),
    ...(scaling && { scaling }),
    ...provenance,
  };
}

/** The texts of a model file, checked, but for its configuration (`buildLayers`) and what must fit it (`keptTexts`). */
export function readTexts(
  metadata: ReadonlyMap<string, string>,
): Pick<LoadedModel, 'provenance'> & { readonly configuration: unknown; readonly forms?: LayerForms } {
  const format = metadata.get('format');
  if (format !== 'rxrnn') {
    const reader =
      format === 'rxrnn-checkpoint'
        ? 'loadCheckpoint reads checkpoints'
        : 'readTensors reads the files of other programs';
    throw new TypeError(`format must be rxrnn, got ${showText(format)}; ${reader}`);
  }
  const version = metadata.get('version');
  if (version !== '1') throw new TypeError(`version must be 1, got ${showText(version)}`);
  const configuration = metadataText(metadata, 'configuration');
  const { weightTying: ties } = Object(configuration) as { readonly weightTying?: unknown };
  const tied = new Map(Object.entries(Object(ties) as object));
  const unknown = [...metadata].find(([key, text]) => !TEXTS.has(key) && tied.get(key) !== text);
  if (unknown !== undefined) throw new TypeError(`the metadata has an unknown text ${show(unknown[0])}`);
  const forms = orAbsent(layerForms)(metadataText(metadata, 'forms'), 'forms');
  const provenance = orAbsent(record(anyJson))(metadataText(metadata, 'provenance'), 'provenance');
  return {
    configuration,
    ...(forms && { forms }),
    ...(provenance !== undefined && { provenance }),
  };
}

function showText(text: string | undefined): string {
  return text === undefined ? 'none' : show(text);
}
