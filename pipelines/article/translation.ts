// The article's encoder–decoder (system 7): pairs of words, padded to one length, the encoder reads `word + E`, the
// decoder reads `S + target` and predicts `target + E`; pads count in the loss, as they do there.
import { defer, identity, map, type MonoTypeOperatorFunction, type Observable, tap } from 'rxjs';
import {
  adam,
  backpropagate,
  crossEntropy,
  type Demand,
  type Differentiated,
  type Dtype,
  greedyDecode,
  linear,
  optimize,
  outputs,
  pull,
  type Random,
  rnn,
  scaleLoss,
  seq2seq,
  type Seq2seq,
  type Tensor,
  unroll,
  type Vocabulary,
  vocabularyOf,
  type Window,
} from '../../src/index.js';
import { largestOf } from '../cli/largestOf.js';

export type WordPair = readonly [source: string, target: string];

export interface Lexicon {
  readonly symbols: Vocabulary;
  /** Letters of the longest word. */
  readonly longest: number;
}

/** The special symbols S, E and ? come first, as tokens 0, 1 and 2. */
export const START = 0;
export const END = 1;
const PAD = 2;

/** The article's alphabet where it is enough, else the pairs' own letters; specials that no letter can be taken for. */
export function lexicon(pairs: readonly WordPair[]): Lexicon {
  const letters = new Set(pairs.flat().flatMap((word) => Array.from(word)));
  const english = Array.from('abcdefghijklmnopqrstuvwxyz');
  const own = [...letters].toSorted((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
  const alphabet = own.every((letter) => english.includes(letter)) ? english : own;
  const longest = largestOf(pairs.flat().map((word) => Array.from(word).length));
  return { symbols: vocabularyOf(['<start>', '<end>', '<pad>', ...alphabet]), longest };
}

export function translator({ symbols }: Lexicon, options: { hidden: number; dtype: Dtype; random: Random }): Seq2seq {
  const { hidden, dtype, random } = options;
  const layer = () => rnn({ inputSize: symbols.size, hiddenSize: hidden });
  const fc = linear({ inputSize: hidden, outputSize: symbols.size });
  return seq2seq({ encoder: layer(), decoder: layer(), fc }, { dtype, random });
}

/**
 * Pairs side by side, one per lane: the encoder reads the source, padded, and its end, the decoder the target from its
 * start. The pads of the source are read, as in the article; the target is padded before its end, and its pads count, as
 * there; or they are ignored.
 */
export function translationWindow(
  { symbols, longest }: Lexicon,
  pairs: readonly WordPair[],
  { ignorePadding = false }: { readonly ignorePadding?: boolean } = {},
): Window {
  const steps = longest + 1;
  const lanes = pairs.length;
  const [sources, inputs, targets] = [0, 1, 2].map(() => new Int32Array(steps * lanes)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const mask = new Uint8Array(steps * lanes).fill(1);
  for (const [lane, [source, target]] of pairs.entries()) {
    const from = [...padded(symbols, longest, source), END];
    const word = padded(symbols, longest, target);
    // pads that nobody learns cannot lead to the end: then it follows the last letter
    const to = ignorePadding ? [...word.filter((token) => token !== PAD), END] : [...word, END];
    for (let t = 0; t < steps; t++) {
      const at = t * lanes + lane;
      sources[at] = from[t]!;
      inputs[at] = t === 0 ? START : (to[t - 1] ?? PAD);
      targets[at] = to[t] ?? PAD;
      if (t >= to.length) mask[at] = 0;
    }
  }
  return { steps, lanes, source: { steps, inputs: sources }, inputs, targets, mask };
}

/** The letters of a word. */
export function tokensOf({ symbols }: Pick<Lexicon, 'symbols'>, word: string): number[] {
  return Array.from(word, (letter) => {
    const token = symbols.token(letter);
    if (token === undefined) throw new RangeError(`the letter ${JSON.stringify(letter)} of ${word} is in no pair`);
    return token;
  });
}

function padded(symbols: Vocabulary, longest: number, word: string): number[] {
  const letters = tokensOf({ symbols }, word);
  return [...letters, ...Array<number>(Math.max(0, longest - letters.length)).fill(PAD)];
}

export interface TranslationStep {
  /** From 1. */
  readonly epoch: number;
  /** Nats: mean over the letters of a word, summed over the words of the batch; before the update. */
  readonly cost: number;
}

export interface LearnPairsOptions {
  readonly learningRate: number;
  /** Indices of the pairs of each batch of an epoch (epochs count from 1). */
  readonly batches: (epoch: number) => readonly (readonly number[])[];
  /** Leaves the pads of the targets out of the loss; false by default, as in the article. */
  readonly ignorePadding?: boolean;
  /** The window of a batch; without it `translationWindow`. */
  readonly windowOf?: (pairs: readonly WordPair[]) => Window;
  /** How batches are pulled; all at once without it. */
  readonly demand?: Demand;
  readonly look?: (logits: Tensor) => void;
  readonly between?: MonoTypeOperatorFunction<Differentiated>;
}

/** Epochs without end, batch after batch. */
export function learnPairs(
  model: Seq2seq,
  lexicon: Lexicon,
  pairs: readonly WordPair[],
  { learningRate, batches, ignorePadding = false, windowOf, demand, look, between = identity }: LearnPairsOptions,
): Observable<TranslationStep> {
  return defer(() => {
    let epoch = 0;
    let lanes = 0;
    function* windows(): Generator<Window> {
      for (;;) {
        epoch++;
        for (const batch of batches(epoch)) {
          const chosen = batch.map((i) => pairs[i]!);
          yield windowOf?.(chosen) ?? translationWindow(lexicon, chosen, { ignorePadding });
        }
      }
    }
    return pull(windows(), demand).pipe(
      tap((window) => (lanes = window.lanes)),
      unroll(model),
      look ? tap((unrolled) => look(outputs(unrolled))) : identity,
      crossEntropy(),
      scaleLoss(({ window }) => window.lanes), // the article adds the losses of the words up
      backpropagate(model),
      between,
      optimize(model, adam({ learningRate })),
      map(({ loss }) => ({ epoch, cost: loss * lanes })),
    );
  });
}

export interface Translation {
  /** All letters that came out, S, E and ? as the article writes them. */
  readonly raw: string;
  /** Up to the first E, without ?; null where no E came out. */
  readonly translated: string | null;
}

/** As the article translates: the decoder reads `S?????`, never its own answers, and answers for every place. */
export function translateAsArticle(model: Seq2seq, lexicon: Lexicon, word: string): Translation {
  return spelled(lexicon, decode(model, lexicon, word, { feed: PAD }));
}

/** The decoder reads its own answers until it ends: what to do where the target is not known. */
export function translate(model: Seq2seq, lexicon: Lexicon, word: string): Translation {
  return spelled(lexicon, decode(model, lexicon, word, { end: END }));
}

function decode(
  model: Seq2seq,
  { symbols, longest }: Lexicon,
  word: string,
  how: { feed?: number; end?: number },
): number[] {
  const source = Int32Array.from([...padded(symbols, longest, word), END]);
  return greedyDecode(model, source, { start: START, maxTokens: longest + 1, ...how });
}

/** What came out, as the article writes it. */
export function spelled({ symbols }: Lexicon, tokens: readonly number[]): Translation {
  const raw = tokens.map((token) => 'SE?'[token] ?? symbols.symbol(token)).join('');
  const end = tokens.indexOf(END);
  const letters = tokens.slice(0, end).filter((token) => token !== PAD);
  return { raw, translated: end < 0 ? null : letters.map((token) => 'SE?'[token] ?? symbols.symbol(token)).join('') };
}
