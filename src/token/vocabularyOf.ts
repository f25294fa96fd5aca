import type { Token } from '../types.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * Makes a vocabulary from its symbols, in the order of their tokens: what a model file is loaded with.
 *
 * `unknown` names the symbol that stands for those outside the vocabulary; it must be one of them. The list is copied.
 * A TypeError for anything but strings, a RangeError for an empty list, for a symbol that occurs twice and for an
 * `unknown` that the list lacks.
 */
export function vocabularyOf(list: readonly string[], options: { readonly unknown?: string } = {}): Vocabulary {
  if (!Array.isArray(list)) throw new TypeError(`vocabularyOf: expected an array of symbols, got ${typeof list}`);
  if (list.length === 0) throw new RangeError('vocabularyOf: a vocabulary needs at least one symbol, got none');
  const symbols = Object.freeze([...list]) as readonly string[];
  const tokens = new Map<string, Token>();
  for (const [token, symbol] of symbols.entries()) {
    if (typeof symbol !== 'string') {
      throw new TypeError(
        `vocabularyOf: symbol ${token} must be a string, got ${symbol === null ? 'null' : typeof symbol}`,
      );
    }
    const before = tokens.get(symbol);
    if (before !== undefined) {
      throw new RangeError(
        `vocabularyOf: symbols must differ, got ${JSON.stringify(symbol)} as ${before} and ${token}`,
      );
    }
    tokens.set(symbol, token);
  }
  const unknown = options.unknown === undefined ? undefined : tokens.get(options.unknown);
  if (options.unknown !== undefined && unknown === undefined) {
    throw new RangeError(`vocabularyOf: unknown must be one of the symbols, got ${JSON.stringify(options.unknown)}`);
  }
  return Object.freeze({
    size: symbols.length,
    symbols,
    ...(unknown === undefined ? {} : { unknown }),
    token(symbol: string): Token | undefined {
      return tokens.get(symbol);
    },
    symbol(token: Token): string {
      const symbol = symbols[token];
      if (symbol === undefined) {
        throw new RangeError(`symbol: a token must be an integer from 0 to ${symbols.length - 1}, got ${token}`);
      }
      return symbol;
    },
  });
}
