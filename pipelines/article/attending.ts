// The encoder–decoder with attention: sources and targets side by side without the article's padding, each of its own
// length, and a picture of what the decoder looked at.
import { firstValueFrom, map } from 'rxjs';
import {
  attention,
  attentionWeights,
  type Dtype,
  greedyDecode,
  gru,
  linear,
  pull,
  type Random,
  seq2seq,
  type Seq2seq,
  type Token,
  unroll,
  visible,
  type Window,
} from '../../src/index.js';
import { END, type Lexicon, START, spelled, tokensOf, type Translation, type WordPair } from './translation.js';
import { largestOf } from '../cli/largestOf.js';

/** A translator that looks at all letters of the word after each of its own (Luong, Pham and Manning, 2015). */
export function attendingTranslator(
  { symbols }: Lexicon,
  { hidden, ...options }: { hidden: number; dtype: Dtype; random: Random },
): Seq2seq {
  const layer = () => gru({ inputSize: symbols.size, hiddenSize: hidden });
  return seq2seq(
    {
      encoder: layer(),
      attention: attention({ score: 'general', querySize: hidden, keySize: hidden }),
      decoder: layer(),
      combine: linear({ inputSize: 2 * hidden, outputSize: hidden }),
      fc: linear({ inputSize: hidden, outputSize: symbols.size }),
    },
    options,
  );
}

/** Pairs side by side, one per lane; what is beyond the end of a word is masked. */
export function raggedWindow(lexicon: Lexicon, pairs: readonly WordPair[]): Window {
  const source = sideBySide(pairs.map(([source]) => [...tokensOf(lexicon, source), END]));
  const words = pairs.map(([, target]) => tokensOf(lexicon, target));
  const inputs = sideBySide(words.map((word) => [START, ...word]));
  const { steps, mask } = inputs;
  const targets = sideBySide(words.map((word) => [...word, END])).inputs;
  return { steps, lanes: pairs.length, source, inputs: inputs.inputs, targets, mask };
}

function sideBySide(sequences: readonly (readonly Token[])[]): { steps: number; inputs: Int32Array; mask: Uint8Array } {
  const [steps, lanes] = [largestOf(sequences.map(({ length }) => length)), sequences.length];
  const inputs = new Int32Array(steps * lanes);
  const mask = new Uint8Array(steps * lanes);
  for (const [lane, sequence] of sequences.entries()) {
    for (const [t, token] of sequence.entries()) {
      inputs[t * lanes + lane] = token;
      mask[t * lanes + lane] = 1;
    }
  }
  return { steps, inputs, mask };
}

/** What the decoder looked at: for each letter that came out, `<end>` too, a share for each letter of the word. */
export interface Looked {
  readonly source: readonly string[];
  readonly target: readonly string[];
  readonly weights: readonly (readonly number[])[];
}

/** Translates by the decoder's own letters, up to `most` of them, and says what it looked at meanwhile. */
export async function translateAttending(
  model: Seq2seq,
  lexicon: Lexicon,
  word: string,
  most: number = 2 * lexicon.longest + 1,
): Promise<Translation & Looked> {
  const source = Int32Array.from([...tokensOf(lexicon, word), END]);
  const targets = Int32Array.from(greedyDecode(model, source, { start: START, end: END, maxTokens: most }));
  const inputs = Int32Array.from([START, ...targets.slice(0, -1)]);
  const window = { steps: inputs.length, lanes: 1, source: { steps: source.length, inputs: source }, inputs, targets };
  const { data } = await firstValueFrom(pull([window]).pipe(unroll(model), map(attentionWeights)));
  const letters = (tokens: Int32Array): string[] => Array.from(tokens, (token) => lexicon.symbols.symbol(token));
  return {
    ...spelled(lexicon, [...targets]),
    source: letters(source),
    target: letters(targets),
    weights: Array.from(targets, (_, t) => [...data.subarray(t * source.length, (t + 1) * source.length)]),
  };
}

const SHADES = ' ░▒▓█';

/** The word across, what came out of it down; the darker a cell, the more the letter was looked at. */
export function picture({ source, target, weights }: Looked): string {
  const shown = (letter: string): string => (letter === '<end>' ? '⏎' : visible(letter));
  const rows = target.map((letter, t) => {
    const cells = weights[t]!.map((weight) => SHADES[Math.round(weight * (SHADES.length - 1))]!.repeat(2));
    return `  ${shown(letter)} ${cells.join('')}`.trimEnd();
  });
  return [`    ${source.map((letter) => shown(letter).padEnd(2)).join('')}`.trimEnd(), ...rows].join('\n');
}
