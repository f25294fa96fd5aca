import { loadModel, type Model, type Vocabulary } from '../../src/index.js';
import { checkReadable } from '../cli/checkReadable.js';
import { UsageError } from '../cli/command.js';

/** Loads a model of text with its vocabulary; a UsageError where the file holds another kind of model. */
export function openModel(path: string): {
  readonly model: Model;
  readonly symbols: Vocabulary;
  /** Whether it has learned each line from a state of zeros, and nothing of what follows a line. */
  readonly linesAlone: boolean;
} {
  checkReadable(path);
  const { model, vocabulary, provenance } = loadModel(path);
  if (!vocabulary) throw new UsageError(`${path} has no vocabulary: it is not a model of text`);
  if (vocabulary.size !== model.outputSize)
    throw new UsageError(
      `${path}: its vocabulary has ${vocabulary.size} symbols, the model ${model.outputSize} outputs`,
    );
  return { model, symbols: vocabulary, linesAlone: provenance?.['lines'] === 'alone' };
}
