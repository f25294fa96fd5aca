import { anything } from '../check/anything.js';
import { options as checkOptions } from '../check/options.js';
import { visible } from '../check/visible.js';
import { reasonOf } from '../check/reasonOf.js';
import { listNames } from '../check/listNames.js';
import { buildLayers, type LayerMakers } from '../model/buildModel.js';
import type { Model } from '../model/model.js';
import { stateDict } from '../model/stateDict.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import { jsonText } from '../format/jsonText.js';
import { readTexts } from '../format/readModel.js';
import { safetensors } from '../format/safetensors.js';
import { vocabularyTexts } from '../format/vocabularyTexts.js';
import { writeFileAtomic } from './writeFileAtomic.js';

/** What a model file holds besides the model. */
export interface SaveModelOptions {
  /** The vocabulary of the tokens; by default the file has none. */
  readonly vocabulary?: Vocabulary | undefined;
  /** Where the model comes from, as plain JSON: corpus, seed, steps, loss; by default the file does not say. */
  readonly provenance?: Readonly<Record<string, unknown>> | undefined;
  /** Makers of your own layers by their kind, where the model has any: those that `loadModel` will need. */
  readonly layers?: LayerMakers;
}

/**
 * Writes a model to one safetensors file, whole or not at all: parameters under torch's names and, as JSON texts in
 * `__metadata__`, `format` (`rxrnn`), `version`, `configuration`, and where given `vocabulary`, `unknown` (its
 * symbol for those outside it) and `provenance`. `loadModel` reads it.
 *
 * What `loadModel` could not read is refused before the file is touched: weights that are not finite, a layer of your
 * own without its maker, one whose options do not make the same parameters again, a provenance that is not JSON.
 *
 * ```ts
 * import { linear, loadModel, rnn, saveModel, sequential, vocabularyOf } from 'rxrnn';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 2, hiddenSize: 4 }),
 *   linear: linear({ inputSize: 4, outputSize: 2 }),
 * });
 * saveModel('letters.safetensors', model, { vocabulary: vocabularyOf(['a', 'b']), provenance: { seed: 0 } });
 * const { vocabulary, provenance } = loadModel('letters.safetensors');
 * console.log(vocabulary?.symbols, provenance); // -> [ 'a', 'b' ] { seed: 0 }
 * ```
 */
export function saveModel(path: string, model: Model, options: SaveModelOptions = {}): void {
  checkOptions('saveModel', options, { vocabulary: anything, provenance: anything, layers: anything });
  const parameters = stateDict(model);
  for (const [name, { data }] of parameters) {
    if (!data.every(Number.isFinite)) {
      throw new RangeError(`saveModel: ${listNames([name])} is not finite; ${visible(path)} was not written`);
    }
  }
  const { vocabulary, provenance, layers = {} } = options;
  let bytes: Uint8Array;
  try {
    buildLayers(model.configuration, parameters, layers);
    const metadata = {
      format: 'rxrnn',
      version: '1',
      configuration: JSON.stringify(model.configuration),
      ...vocabularyTexts(vocabulary),
      ...(provenance && { provenance: jsonText('provenance', provenance) }),
    };
    readTexts(new Map(Object.entries(metadata)));
    bytes = safetensors(parameters, metadata);
  } catch (cause) {
    throw new Error(
      `saveModel: loadModel could not read this model: ${reasonOf(cause)}; ${visible(path)} was not written`,
      { cause },
    );
  }
  writeFileAtomic(path, bytes);
}
