import type { Model } from '../model/model.js';
import { encodeModel, type SaveModelOptions } from './encodeModel.js';

/**
 * Gives the bytes of a model file: what `saveModel` writes, where there are no files. `readModel` reads them, and so do
 * `loadModel` and `load_state_dict` once they are in a file; equal models give equal bytes, in browsers too. The bytes
 * are the caller's. What `readModel` could not read is refused, as by `saveModel`.
 *
 * ```ts
 * import { linear, modelBytes, readModel, rnn, sequential, vocabularyOf } from 'rxrnn';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 2, hiddenSize: 4 }),
 *   linear: linear({ inputSize: 4, outputSize: 2 }),
 * });
 * const bytes = modelBytes(model, { vocabulary: vocabularyOf(['a', 'b']) }); // to a server, IndexedDB, a download
 * const saved = readModel(bytes);
 * console.log(bytes.length, saved.vocabulary?.symbols); // -> 1024 [ 'a', 'b' ]
 * ```
 */
export function modelBytes(model: Model, options: SaveModelOptions = {}): Uint8Array {
  return encodeModel({ who: 'modelBytes', reader: 'readModel', consequence: '' }, model, options);
}
