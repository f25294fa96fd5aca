import { saveModel, type Seq2seq } from '../../src/index.js';
import { loadModelFile } from '../cli/loadModelFile.js';
import { type ModelKind, wrongModel } from '../cli/wrongModel.js';
import { warnOfStopped } from '../cli/warnOfStopped.js';
import { type Lexicon, lexicon } from '../article/translation.js';
import { READINGS, type Translator } from './translateWord.js';

/** What `--model` takes. */
export const TRANSLATOR: ModelKind = { what: 'a translator', job: 'translate' };

/** Saves a translator with its letters. */
export function saveTranslator(
  path: string,
  { model, words, letters, reading }: Translator,
  provenance: Readonly<Record<string, unknown>>,
): void {
  const { symbols, longest } = words;
  const ofWords = { longest, letters: [...letters].join(''), reading };
  saveModel(path, model, { vocabulary: symbols, provenance: { job: TRANSLATOR.job, ...provenance, ...ofWords } });
}

/** Loads what `saveTranslator` has saved; a UsageError where the file holds another model. */
export function loadTranslator(path: string): Translator {
  const { model, vocabulary: symbols, provenance } = loadModelFile(path, TRANSLATOR);
  const { longest, letters, reading } = Object(provenance) as Partial<Record<string, unknown>>;
  const special = lexicon([]).symbols.symbols.slice(0, 3);
  const known = READINGS.find((name) => name === reading);
  const fits =
    symbols !== undefined &&
    special.every((symbol, i) => symbols.symbols[i] === symbol) &&
    Number.isSafeInteger(longest) &&
    typeof letters === 'string' &&
    'encode' in model;
  if (!fits || known === undefined) {
    throw wrongModel(path, TRANSLATOR, 'it has no encoder and decoder of letters');
  }
  warnOfStopped(path, provenance);
  const words: Lexicon = { symbols, longest: longest as number };
  return { model: model as Seq2seq, words, letters: new Set(letters), reading: known };
}
