import { string } from '../check/string.js';
import { options as checkOptions } from '../check/options.js';
import { visible } from '../check/visible.js';
import { reasonOf } from '../check/reasonOf.js';
import { readTensorFile } from './readTensorFile.js';
import { type LoadedModel, READ_MODEL_CHECKS, readModel, type ReadModelOptions } from '../format/readModel.js';

/**
 * Reads a model file: the inverse of `saveModel`. The model gives the same numbers as the one that was saved, to the
 * bit, and is saved to the same bytes.
 *
 * Nothing in the file is taken on trust: its layout, each text of its metadata and the shape of each parameter are
 * checked, and weights that are not finite are refused; what is not a regular file is not opened. An error names the
 * path and carries its cause, a `SafetensorsError` where the file is malformed. For files of other programs there is `readTensors`.
 *
 * A model with layers of your own needs the functions that make them, by their kind:
 *
 * ```ts
 * import { type Layer, linear, loadModel, saveModel, sequential } from 'rxrnn';
 *
 * // twice as much, without parameters
 * function double({ size }: { readonly size: number }): Layer {
 *   const inner = linear({ inputSize: size, outputSize: size, bias: false });
 *   const weight = { ...inner.parameters[0]!, initialise: (data: Float32Array | Float64Array) => void data.fill(2) };
 *   return { ...inner, kind: 'double', parameters: [weight], options: { size } };
 * }
 * const model = sequential({ double: double({ size: 1 }) });
 * saveModel('double.safetensors', model, { layers: { double } });
 * const loaded = loadModel('double.safetensors', { layers: { double } });
 * console.log(loaded.model.step(Float32Array.of(3), loaded.model.zeroState()).output.data); // -> Float32Array(1) [ 6 ]
 * ```
 */
export function loadModel(path: string, options: ReadModelOptions = {}): LoadedModel {
  string('loadModel', 'path', path);
  options = checkOptions('loadModel', options, READ_MODEL_CHECKS);
  try {
    return readModel(readTensorFile(path), options);
  } catch (cause) {
    throw new Error(`loadModel: ${visible(path)} could not be loaded: ${reasonOf(cause)}`, { cause });
  }
}
