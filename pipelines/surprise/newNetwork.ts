import { gru, linear, type Model, seeded, sequential, type Vocabulary, vocabularyOf } from '../../src/index.js';

const HIDDEN = 128;
const [FIRST, LAST] = [0x20, 0x7e]; // of the characters of ASCII that are printed
const OTHER = '\uFFFD';

/**
 * A network for the characters of lines that has learned nothing yet, with its symbols: those of ASCII, and one for all
 * others.
 *
 * Learned by `scoreTokens` as the lines come, it costs as few bits over a whole log as the bundled model of English did by
 * Adam, with a fourth of the weights. That model, given by `--model`, costs a fifth fewer, in four times the time: see
 * test/bench/README.md.
 */
export function newNetwork(seed: number): { readonly model: Model; readonly symbols: Vocabulary } {
  const printed = Array.from({ length: LAST - FIRST + 1 }, (_, i) => String.fromCharCode(FIRST + i));
  const symbols = vocabularyOf(['\t', '\n', ...printed, OTHER], { unknown: OTHER });
  const model = sequential(
    {
      gru: gru({ inputSize: symbols.size, hiddenSize: HIDDEN }),
      linear: linear({ inputSize: HIDDEN, outputSize: symbols.size }),
    },
    { random: seeded(seed) },
  );
  return { model, symbols };
}
