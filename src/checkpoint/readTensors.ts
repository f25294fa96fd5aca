import { string } from '../check/string.js';
import { visible } from '../check/visible.js';
import { reasonOf } from '../check/reasonOf.js';
import type { Tensors } from '../types.js';
import { readTensorFile } from './readTensorFile.js';
import { readSafetensors } from '../format/readSafetensors.js';

/**
 * Reads the tensors of a safetensors file of any program: a state dict that PyTorch saved goes into a model of the
 * same shapes by `loadStateDict(model, readTensors(path))`.
 *
 * An error names the path and carries its cause, a `SafetensorsError` where the file is malformed.
 */
export function readTensors(path: string): Tensors {
  string('readTensors', 'path', path);
  try {
    return readSafetensors(readTensorFile(path)).tensors;
  } catch (cause) {
    throw new Error(`readTensors: ${visible(path)} could not be read: ${reasonOf(cause)}`, { cause });
  }
}
