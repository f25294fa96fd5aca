import { statSync } from 'node:fs';
import { type LoadedModel, loadModel } from '../../src/index.js';
import { checkReadable } from './checkReadable.js';
import { type ModelKind, wrongModel } from './wrongModel.js';

/** Loads the file of `--model`; a UsageError that says which job makes one where it is not a model file. */
export function loadModelFile(path: string, kind: ModelKind): LoadedModel {
  const { layers = {} } = kind;
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw wrongModel(path, kind, 'it is a folder');
  checkReadable(path);
  try {
    return loadModel(path, { layers });
  } catch (error) {
    const { cause } = error as Error;
    throw wrongModel(path, kind, (cause instanceof Error ? cause : (error as Error)).message);
  }
}
