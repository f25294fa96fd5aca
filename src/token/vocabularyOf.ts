import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { show } from '../check/show.js';
import { string } from '../check/string.js';
import { token } from '../check/token.js';
import type { Token } from '../types.js';

/** The symbols of a corpus and their indices, the tokens; it never changes once it is made. */
export interface Vocabulary {
  /** Number of symbols; tokens run from 0 to `size - 1`. */
  readonly size: number;
  /** The symbols in the order of their tokens. */
  readonly symbols: readonly string[];
  /** The token of the symbol that replaces symbols outside the vocabulary, where there is one. */
  readonly unknown?: Token;
  /** The token of a symbol; `undefined` when the vocabulary lacks it, even where there is an `unknown`. */
  token(symbol: string): Token | undefined;
  /** The symbol of a token; a RangeError for anything that is not a token of this vocabulary. */
  symbol(token: Token): string;
}

/**
 * Makes a vocabulary from its symbols, in the order of their tokens, for instance to load a model file.
 *
 * `unknown` names the symbol that replaces those outside the vocabulary; it must be one of the list, which is copied.
 * A TypeError for anything but strings; a RangeError for an empty list, for a symbol that occurs twice and for an
 * `unknown` that the list lacks.
 */
export function vocabularyOf(list: readonly string[], given: { readonly unknown?: string } = {}): Vocabulary {
  if (!Array.isArray(list)) throw new TypeError(`vocabularyOf: expected an array of symbols, got ${show(list)}`);
  given = options('vocabularyOf', given, { unknown: optional(string) });
  if (list.length === 0) throw new RangeError('vocabularyOf: a vocabulary needs at least one symbol, got none');
  const symbols = Object.freeze([...list]) as readonly string[];
  const tokens = new Map<string, Token>();
  for (const [token, symbol] of symbols.entries()) {
    string('vocabularyOf', `symbol ${token}`, symbol);
    const before = tokens.get(symbol);
    if (before !== undefined) {
      throw new RangeError(`vocabularyOf: symbols must differ, got ${show(symbol)} as ${before} and ${token}`);
    }
    tokens.set(symbol, token);
  }
  const unknown = given.unknown === undefined ? undefined : tokens.get(given.unknown);
  if (given.unknown !== undefined && unknown === undefined) {
    throw new RangeError(`vocabularyOf: unknown must be one of the symbols, got ${show(given.unknown)}`);
  }
  return Object.freeze({
    size: symbols.length,
    symbols,
    ...(unknown === undefined ? {} : { unknown }),
    token(symbol: string): Token | undefined {
      return tokens.get(symbol);
    },
    symbol(index: Token): string {
      token('symbol', index, symbols.length);
      return symbols[index]!;
    },
  });
}
