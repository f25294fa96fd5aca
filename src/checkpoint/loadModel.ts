import { readFileSync } from 'node:fs';
import { type LoadedModel, readModel } from '../format/readModel.js';

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
    return readModel(readFileSync(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`loadModel: ${path} could not be loaded: ${reason}`, { cause });
  }
}
