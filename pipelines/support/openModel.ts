import { loadModel, type Model, type Vocabulary } from '../../src/index.js';
import { UsageError } from './command.js';

/** A saved model of text: its weights and what its tokens mean; a UsageError where it cannot write. */
export function openModel(path: string): { readonly model: Model; readonly symbols: Vocabulary } {
  const { model, vocabulary } = loadModel(path);
  if (!vocabulary) throw new UsageError(`${path} has no vocabulary: it is no model of text`);
  return { model, symbols: vocabulary };
}
