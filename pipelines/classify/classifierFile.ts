import { loadModel, saveModel, vocabularyOf } from '../../src/index.js';
import { UsageError } from '../cli/command.js';
import { checkReadable } from '../cli/checkReadable.js';
import { warnOfStopped } from '../cli/warnOfStopped.js';
import { type TextClassifier, textClassifierOf } from './textClassifier.js';

/** The symbol of every character that is not in the examples: the first of the vocabulary. */
const OTHER = '<other>';

/** Saves a classifier with its characters and labels. */
export function saveClassifier(
  path: string,
  { model, labels, characters }: TextClassifier,
  provenance: Readonly<Record<string, unknown>>,
): void {
  const vocabulary = vocabularyOf([OTHER, ...characters]);
  saveModel(path, model, { vocabulary, provenance: { ...provenance, labels } });
}

/** Loads what `saveClassifier` has saved; a UsageError where the file holds another model. */
export function loadClassifier(path: string): TextClassifier {
  checkReadable(path);
  const { model, vocabulary, provenance } = loadModel(path);
  warnOfStopped(path, provenance);
  const labels = provenance?.['labels'];
  const isList = Array.isArray(labels) && labels.every((label) => typeof label === 'string');
  const fits = isList && labels.length === model.outputSize && vocabulary?.size === model.inputSize;
  if (!fits || vocabulary.symbol(0) !== OTHER) {
    throw new UsageError(`${path} is not a classifier that --out of this job has saved`);
  }
  return textClassifierOf(model, labels, vocabulary.symbols.slice(1));
}
