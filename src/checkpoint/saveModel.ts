import { string } from '../check/string.js';
import { visible } from '../check/visible.js';
import { encodeModel, type SaveModelOptions } from '../format/encodeModel.js';
import type { Model } from '../model/model.js';
import { writeFileAtomic } from './writeFileAtomic.js';

/**
 * Writes a model to one safetensors file, whole or not at all: parameters under torch's names and, as JSON texts in
 * `__metadata__`, `format` (`rxrnn`), `version`, `configuration`, and where given `vocabulary`, `unknown` (its
 * symbol for those outside it), `scaling` and `provenance`. `loadModel` reads it.
 *
 * What `loadModel` could not read is refused before the file is touched: weights that are not finite, a layer of your
 * own without its maker, one whose options do not make the same parameters, sizes and state again or that has another
 * tape, a vocabulary or scaling of another size than the model, a provenance that is not JSON. The file says of layers of
 * your own (`forms`) what `loadModel` holds their makers against.
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
  string('saveModel', 'path', path);
  const consequence = `; ${visible(path)} was not written`;
  writeFileAtomic(
    path,
    encodeModel({ who: 'saveModel', reader: 'loadModel', consequence }, model, options),
    'saveModel',
  );
}
