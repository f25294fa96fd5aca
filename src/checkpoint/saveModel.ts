import type { Model } from '../model/model.js';
import { stateDict } from '../model/stateDict.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import { safetensors } from '../format/safetensors.js';
import { vocabularyTexts } from '../format/vocabularyTexts.js';
import { writeFileAtomic } from './writeFileAtomic.js';

/** What a model file holds besides the model. */
export interface SaveModelOptions {
  /** What the tokens mean; without it the file does not say. */
  readonly vocabulary?: Vocabulary;
  /** Where the model comes from, as plain JSON: corpus, seed, steps, loss. */
  readonly provenance?: Readonly<Record<string, unknown>>;
}

/**
 * Writes a model to one safetensors file, whole or not at all: parameters under torch's names and, as JSON texts in
 * `__metadata__`, `format` (`rxrnn`), `version`, `configuration`, and where given `vocabulary`, `unknown` (its
 * symbol for those outside it) and `provenance`. `loadModel` reads it.
 *
 * Weights that are not finite are refused before the file is touched.
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
  const parameters = stateDict(model);
  for (const [name, { data }] of parameters) {
    if (!data.every(Number.isFinite)) throw new RangeError(`saveModel: ${name} is not finite; ${path} was not written`);
  }
  const { vocabulary, provenance } = options;
  const metadata = {
    format: 'rxrnn',
    version: '1',
    configuration: JSON.stringify(model.configuration),
    ...vocabularyTexts(vocabulary),
    ...(provenance && { provenance: JSON.stringify(provenance) }),
  };
  writeFileAtomic(path, safetensors(parameters, metadata));
}
