import type { Vocabulary } from '../token/vocabulary.js';

/**
 * The vocabulary of a model file, from its texts in `__metadata__`: the list of symbols and, where there is one, the
 * symbol that stands for those outside the list. The same vocabulary as `vocabularyOf` makes; rooms beside this one
 * are known by their types only. TypeError and RangeError as there.
 */
export function vocabularyFrom(list: unknown, unknownSymbol: unknown): Vocabulary {
  if (!Array.isArray(list) || list.length === 0)
    throw new TypeError('vocabulary must be a list of symbols, and not empty');
  const tokens = new Map<string, number>();
  for (const [token, symbol] of (list as readonly unknown[]).entries()) {
    if (typeof symbol !== 'string') throw new TypeError(`vocabulary: symbol ${token} must be a text`);
    if (tokens.has(symbol)) throw new RangeError(`vocabulary: ${JSON.stringify(symbol)} stands twice`);
    tokens.set(symbol, token);
  }
  const symbols: readonly string[] = Object.freeze([...tokens.keys()]);
  const unknown = typeof unknownSymbol === 'string' ? tokens.get(unknownSymbol) : undefined;
  if (unknownSymbol !== undefined && unknown === undefined) {
    throw new RangeError('vocabulary: unknown must be one of the symbols');
  }
  return Object.freeze({
    size: symbols.length,
    symbols,
    ...(unknown !== undefined && { unknown }),
    token: (symbol: string) => tokens.get(symbol),
    symbol(token: number): string {
      const symbol = symbols[token];
      if (symbol !== undefined) return symbol;
      throw new RangeError(`symbol: a token must be an integer from 0 to ${symbols.length - 1}, got ${token}`);
    },
  });
}
