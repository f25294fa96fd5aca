// Lines scored by a model of their characters.
import { debounce, defer, filter, groupBy, map, mergeMap, type OperatorFunction, pipe, timer } from 'rxjs';
import {
  adam,
  type KeyedToken,
  type Model,
  predictThenLearn,
  surprisal,
  surprisalByKey,
  type Token,
  type Vocabulary,
} from '../../src/index.js';

/** A line with the surprisal of its characters. */
export interface ScoredLine {
  readonly line: string;
  /** Position in the stream, from 1. */
  readonly number: number;
  readonly key: string;
  /** Sum over its characters and its end. */
  readonly bits: number;
  readonly bitsPerCharacter: number;
  /** Bits of each character (a code point); NaN where the model does not know the character. */
  readonly characters: readonly number[];
}

export interface ScoreLinesOptions {
  /** Must contain the line end; characters outside it become its unknown symbol, or are skipped. */
  readonly symbols: Vocabulary;
  /** Gives the stream that a line belongs to. */
  readonly keyOf: (line: string) => string;
  /** Scores each token once and in order, synchronously or later. */
  readonly score: OperatorFunction<KeyedToken<string>, { readonly bits: number }>;
}

interface Pending {
  readonly line: string;
  readonly key: string;
  readonly known: readonly boolean[];
  readonly tokens: readonly Token[];
  readonly bits: number[];
}

/**
 * Scores lines with an operator that scores tokens; each line is emitted when its end has been scored.
 *
 * ```
 * lines       -ab-----c-|
 * tokens      -(ab¶)--(c¶)-|
 * scoreLines  -AB-----C-|     AB: { line, bits, bitsPerCharacter, … }
 * ```
 */
export function scoreLines({ symbols, keyOf, score }: ScoreLinesOptions): OperatorFunction<string, ScoredLine> {
  const lineEnd = symbols.token('\n');
  if (lineEnd === undefined) throw new RangeError('the model does not know the line end: it was not trained on lines');
  const tokenOf = (symbol: string): Token | undefined => symbols.token(symbol) ?? symbols.unknown;

  return (line$) =>
    defer(() => {
      const pending: Pending[] = [];
      let number = 0;
      return line$.pipe(
        map((line) => {
          const encoded = Array.from(line, tokenOf);
          const tokens = [...encoded.filter((token) => token !== undefined), lineEnd];
          const known = encoded.map((token) => token !== undefined);
          pending.push({ line, key: keyOf(line), known, tokens, bits: [] });
          return pending.at(-1)!;
        }),
        mergeMap(({ key, tokens }) => tokens.map((token) => ({ key, token }))),
        score,
        filter(({ bits }) => pending[0]!.bits.push(bits) === pending[0]!.tokens.length),
        map(() => total(pending.shift()!, ++number)),
      );
    });
}

/** Adds up the bits of a line's tokens. */
function total({ line, key, known, bits }: Pending, number: number): ScoredLine {
  const sum = bits.reduce((all, one) => all + one, 0);
  let at = 0;
  const characters = known.map((isKnown) => (isKnown ? bits[at++]! : NaN));
  return { line, number, key, bits: sum, bitsPerCharacter: sum / bits.length, characters };
}

/** How the tokens of lines are scored. */
export interface ScoreTokensOptions {
  /** Whether lines have keys; each key is a stream of its own. */
  readonly keyed: boolean;
  /** Learning rate, applied after scoring; undefined leaves the model unchanged. */
  readonly learningRate: number | undefined;
  /** The token before the first one of a stream: the end of a line. */
  readonly previous: Token;
}

const IDLE = 600_000; // milliseconds after which a key is forgotten
const WINDOW = 10; // characters learned at a time

/** Scores the tokens of lines: with one hidden state or one per key, with or without learning. */
export function scoreTokens(
  model: Model,
  { keyed, learningRate, previous }: ScoreTokensOptions,
): OperatorFunction<KeyedToken<string>, { readonly bits: number }> {
  const token = map(({ token }: KeyedToken<string>) => token);
  if (learningRate === undefined)
    return keyed ? surprisalByKey<string>(model, { idle: IDLE }) : pipe(token, surprisal(model, { previous }));
  const learn = predictThenLearn(model, { optimizer: adam({ learningRate }), steps: WINDOW, previous });
  if (!keyed) return pipe(token, learn);
  return pipe(
    groupBy(({ key }) => key, { duration: (group$) => group$.pipe(debounce(() => timer(IDLE))) }),
    mergeMap((group$) => group$.pipe(token, learn)),
  );
}
