import { defer, filter, map, mergeMap, type OperatorFunction } from 'rxjs';
import type { KeyedToken, Token, Vocabulary } from '../../src/index.js';

export interface ScoredLine {
  readonly line: string;
  /** Its place in the stream, from 1. */
  readonly number: number;
  readonly key: string;
  /** Of its characters and its end together. */
  readonly bits: number;
  readonly bitsPerCharacter: number;
  /** Of each character (a code point); NaN where the model does not know it and so cannot tell. */
  readonly characters: readonly number[];
}

export interface ScoreLinesOptions {
  /** With a line end among them; characters that are not are taken as its unknown symbol, or passed over. */
  readonly symbols: Vocabulary;
  /** Which stream a line belongs to. */
  readonly keyOf: (line: string) => string;
  /** Scores token after token, each once and in their order, at once or later. */
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
 * Scores lines by an operator that scores tokens: each line comes out when its end has been scored.
 *
 * ```
 * lines       -ab-----c-|
 * tokens      -(ab¶)--(c¶)-|
 * scoreLines  -AB-----C-|     AB: { line, bits, bitsPerCharacter, … }
 * ```
 */
export function scoreLines({ symbols, keyOf, score }: ScoreLinesOptions): OperatorFunction<string, ScoredLine> {
  const lineEnd = symbols.token('\n');
  if (lineEnd === undefined) throw new RangeError('the model knows no line end: it was not learned from lines');
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
        map(() => scored(pending.shift()!, ++number)),
      );
    });
}

function scored({ line, key, known, bits }: Pending, number: number): ScoredLine {
  const sum = bits.reduce((all, one) => all + one, 0);
  let at = 0;
  const characters = known.map((isKnown) => (isKnown ? bits[at++]! : NaN));
  return { line, number, key, bits: sum, bitsPerCharacter: sum / bits.length, characters };
}
