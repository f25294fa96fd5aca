import { gru, linear, type Model, seeded, sequential, type Vocabulary, vocabularyOf } from '../../src/index.js';
import { keyboardSymbols, OTHER } from '../models/keyboardSymbols.js';

const HIDDEN = 128;

/**
 * A network for the characters of lines that has learned nothing yet, with its symbols: those of ASCII, and one for all
 * others.
 *
 * Learned by `scoreTokens` as the lines come, it costs as many bits over two whole logs as the bundled model of English did
 * by Adam, and 15 % more over four others, with a fourth of the weights. That model, given by `--model`, costs a fifth fewer
 * today, in four times the time: see test/bench/README.md.
 */
export function newNetwork(seed: number): { readonly model: Model; readonly symbols: Vocabulary } {
  const symbols = vocabularyOf([...keyboardSymbols(), OTHER], { unknown: OTHER });
  const model = sequential(
    {
      gru: gru({ inputSize: symbols.size, hiddenSize: HIDDEN }),
      linear: linear({ inputSize: HIDDEN, outputSize: symbols.size }),
    },
    { random: seeded(seed) },
  );
  return { model, symbols };
}
