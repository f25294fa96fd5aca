import { type Model, type Vocabulary } from '../../src/index.js';
import { loadModelFile } from '../cli/loadModelFile.js';
import { warnOfStopped } from '../cli/warnOfStopped.js';
import { type ModelKind, wrongModel } from '../cli/wrongModel.js';

const OF_TEXT: ModelKind = { what: 'a model of text', job: 'charlm' };

/** Loads a model of text with its vocabulary; a UsageError where the file holds another kind of model. */
export function openModel(path: string): {
  readonly model: Model;
  readonly symbols: Vocabulary;
  /** Whether it has learned each line from a state of zeros, and nothing of what follows a line. */
  readonly linesAlone: boolean;
} {
  const { model, vocabulary, provenance } = loadModelFile(path, OF_TEXT);
  if (!vocabulary) throw wrongModel(path, OF_TEXT, 'it has no vocabulary');
  if (vocabulary.size !== model.outputSize)
    throw wrongModel(
      path,
      OF_TEXT,
      `its vocabulary has ${vocabulary.size} symbols, the model ${model.outputSize} outputs`,
    );
  warnOfStopped(path, provenance);
  return { model, symbols: vocabulary, linesAlone: provenance?.['lines'] === 'alone' };
}
