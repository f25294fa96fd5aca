// Lines scored by a model of their characters.
import { defer, filter, map, type OperatorFunction, pipe } from 'rxjs';
import {
  concatMapBounded,
  credit,
  type Credit,
  type KeyedToken,
  type Model,
  predictThenLearn,
  predictThenLearnByKey,
  pull,
  rmsprop,
  surprisal,
  surprisalByKey,
  type Token,
  unlimited,
  type Vocabulary,
  yielding,
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
  /** Sum of what `ScoreLinesOptions.count` gave for its tokens; 0 without it. */
  readonly counted: number;
}

export interface ScoreLinesOptions {
  /** Must contain the line end; characters outside it become its unknown symbol, or are skipped. */
  readonly symbols: Vocabulary;
  /** Gives the stream that a line belongs to. */
  readonly keyOf: (line: string) => string;
  /** Scores each token once and in order, synchronously or later. */
  readonly score: OperatorFunction<KeyedToken<string>, { readonly bits: number }>;
  /** Holds the lines that wait to be scored; pull the source with it. By default a credit of this operator. */
  readonly inFlight?: Credit;
  /** Called with each token before it is scored, for bits under another model; by default not called. */
  readonly count?: ((token: Token) => number) | undefined;
}

/** A line that is being scored. */
interface Pending {
  readonly line: string;
  readonly key: string;
  /** Of its characters so far, whether the model knows them. */
  readonly known: boolean[];
  /** How many of its tokens were read, and whether its end was. */
  tokens: number;
  whole: boolean;
  readonly bits: number[];
  counted: number;
}

/**
 * Scores lines with an operator that scores tokens; each line is emitted when its end has been scored.
 *
 * ```
 * lines       -ab-----c-|
 * tokens      -(ab¶)--(c¶)-|
 * scoreLines  -AB-----C-|     AB: { line, bits, bitsPerCharacter, … }
 * ```
 *
 * A long line is scored in slices of 16 milliseconds, with a turn of the event loop between them; the lines after it
 * wait.
 */
export function scoreLines({
  symbols,
  keyOf,
  score,
  inFlight = credit({ high: 64 }),
  count,
}: ScoreLinesOptions): OperatorFunction<string, ScoredLine> {
  const lineEnd = symbols.token('\n');
  if (lineEnd === undefined) throw new RangeError('the model does not know the line end: it was not trained on lines');

  function* tokensOf(pending: Pending): Generator<KeyedToken<string>> {
    const { key, line, known } = pending;
    for (const symbol of line) {
      const token = symbols.token(symbol) ?? symbols.unknown;
      known.push(token !== undefined);
      if (token !== undefined) yield item(token);
    }
    pending.whole = true;
    yield item(lineEnd!);

    function item(token: Token): KeyedToken<string> {
      pending.tokens += 1;
      if (count) pending.counted += count(token);
      return { key, token };
    }
  }

  return (line$) =>
    defer(() => {
      const pending: Pending[] = [];
      let number = 0;
      return line$.pipe(
        concatMapBounded(inFlight, (line) => {
          const next: Pending = { line, key: keyOf(line), known: [], tokens: 0, whole: false, bits: [], counted: 0 };
          pending.push(next);
          return pull(tokensOf(next), yielding(unlimited));
        }),
        score,
        filter(({ bits }) => {
          const first = pending[0]!;
          return first.bits.push(bits) === first.tokens && first.whole;
        }),
        map(() => total(pending.shift()!, ++number)),
      );
    });
}

/** Adds up the bits of a line's tokens. */
function total({ line, key, known, bits, counted }: Pending, number: number): ScoredLine {
  const sum = bits.reduce((all, one) => all + one, 0);
  let at = 0;
  const characters = known.map((isKnown) => (isKnown ? bits[at++]! : NaN));
  return { line, number, key, bits: sum, bitsPerCharacter: sum / bits.length, characters, counted };
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

/** How many keys are kept, the most recently used, and milliseconds after which one is forgotten. */
const MOST_KEYS = 1024;
const IDLE = 600_000;
const WINDOW = 25; // characters learned at a time

/** Scores the tokens of lines: with one hidden state or one per key, with or without learning. */
export function scoreTokens(
  model: Model,
  { keyed, learningRate, previous }: ScoreTokensOptions,
): OperatorFunction<KeyedToken<string>, { readonly bits: number }> {
  const token = map(({ token }: KeyedToken<string>) => token);
  if (learningRate === undefined)
    return keyed
      ? surprisalByKey<string>(model, { idle: IDLE, maxSessions: MOST_KEYS })
      : pipe(token, surprisal(model, { previous }));
  const learning = { optimizer: rmsprop({ learningRate }), steps: WINDOW };
  if (!keyed) return pipe(token, predictThenLearn(model, { ...learning, previous }));
  const state = model.zeroState();
  return predictThenLearnByKey<string>(model, {
    ...learning,
    idle: IDLE,
    maxSessions: MOST_KEYS,
    restore: (key) => ({ key, state, previous, tokens: 0 }), // new or evicted, a key begins behind the end of a line
  });
}
