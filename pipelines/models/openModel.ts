import { loadModel, type Model, type Vocabulary } from '../../src/index.js';
import { checkReadable } from '../cli/checkReadable.js';
import { UsageError } from '../cli/command.js';

/** A saved model of text: its weights and what its tokens mean; a UsageError where it cannot write. */
export function openModel(path: string): { readonly model: Model; readonly symbols: Vocabulary } {
  checkReadable(path);
  const { model, vocabulary } = loadModel(path);
  if (!vocabulary) throw new UsageError(`${path} has no vocabulary: it is no model of text`);
  if (vocabulary.size !== model.outputSize)
    throw new UsageError(
      `${path}: its vocabulary has ${vocabulary.size} symbols, the model ${model.outputSize} outputs`,
    );
  return { model, symbols: vocabulary };
}
