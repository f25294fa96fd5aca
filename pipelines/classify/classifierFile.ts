import { saveModel, vocabularyOf } from '../../src/index.js';
import { loadModelFile } from '../cli/loadModelFile.js';
import { type ModelKind, wrongModel } from '../cli/wrongModel.js';
import { warnOfStopped } from '../cli/warnOfStopped.js';
import { type TextClassifier, textClassifierOf } from './textClassifier.js';

/** What `--model` takes. */
export const CLASSIFIER: ModelKind = { what: 'a classifier', job: 'classify' };

/** The symbol of every character that is not in the examples: the first of the vocabulary. */
const OTHER = '<other>';

/** Saves a classifier with its characters and labels. */
export function saveClassifier(
  path: string,
  { model, labels, characters }: TextClassifier,
  provenance: Readonly<Record<string, unknown>>,
): void {
  const vocabulary = vocabularyOf([OTHER, ...characters]);
  saveModel(path, model, { vocabulary, provenance: { job: CLASSIFIER.job, ...provenance, labels } });
}

/** Loads what `saveClassifier` has saved; a UsageError where the file holds another model. */
export function loadClassifier(path: string): TextClassifier {
  const { model, vocabulary, provenance } = loadModelFile(path, CLASSIFIER);
  const labels = provenance?.['labels'];
  const isList = Array.isArray(labels) && labels.every((label) => typeof label === 'string');
  const fits = isList && labels.length === model.outputSize && vocabulary?.size === model.inputSize;
  if (!fits || vocabulary.symbol(0) !== OTHER) {
    throw wrongModel(path, CLASSIFIER, 'it has no labels of texts');
  }
  warnOfStopped(path, provenance);
  return textClassifierOf(model, labels, vocabulary.symbols.slice(1));
}
