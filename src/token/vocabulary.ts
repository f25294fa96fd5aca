import type { OperatorFunction } from 'rxjs';
import { operator } from '../flow/operator.js';
import type { Token } from '../types.js';
import { vocabularyOf } from './vocabularyOf.js';

/** The symbols of a corpus and their indices, the tokens; never changes once it is made. */
export interface Vocabulary {
  /** Number of symbols; tokens run from 0 to `size - 1`. */
  readonly size: number;
  /** The symbols in the order of their tokens. */
  readonly symbols: readonly string[];
  /** The token that stands for symbols outside the vocabulary, where there is one. */
  readonly unknown?: Token;
  /** The token of a symbol; `undefined` when the vocabulary lacks it, also where there is an `unknown`. */
  token(symbol: string): Token | undefined;
  /** The symbol of a token; a RangeError for anything that is not a token of this vocabulary. */
  symbol(token: Token): string;
}

/** Which symbols of the corpus are kept. */
export interface VocabularyOptions {
  /** Keeps symbols that occur at least so often; 1 by default, which is all of them. */
  readonly minCount?: number;
  /** Largest size, the unknown symbol included: the most frequent are kept, those that tie by code point. */
  readonly maxSize?: number;
  /** Adds a symbol, as token 0, that stands for all that are not kept; a symbol of the same name merges with it. */
  readonly unknown?: string;
}

/**
 * Learns the vocabulary of a corpus: a fold over its symbols, emitted once when they complete.
 *
 * ```
 * symbols       -o-h-l-l-e-h-|
 * vocabulary()  -------------(v|)     v.symbols = ['e', 'h', 'l', 'o']
 * ```
 *
 * Symbols are sorted by code point (as Python sorts strings), so the vocabulary does not depend on the order of the
 * corpus. Memory grows with the number of different symbols and not with the corpus. Errors when the corpus is empty
 * or when no symbol is kept.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { vocabulary } from 'rxrnn';
 *
 * from('hello')
 *   .pipe(vocabulary())
 *   .subscribe(({ size, symbols }) => console.log(size, symbols.join(''))); // -> 4 ehlo
 * ```
 */
export function vocabulary(options: VocabularyOptions = {}): OperatorFunction<string, Vocabulary> {
  const { minCount = 1, maxSize = Infinity, unknown } = options;
  if (!(Number.isInteger(minCount) && minCount >= 1)) {
    throw new RangeError(`vocabulary: minCount must be a positive integer, got ${minCount}`);
  }
  if (!(maxSize === Infinity || (Number.isInteger(maxSize) && maxSize >= 1))) {
    throw new RangeError(`vocabulary: maxSize must be a positive integer, got ${maxSize}`);
  }
  if (unknown !== undefined && typeof unknown !== 'string') {
    throw new TypeError(`vocabulary: unknown must be a string, got ${typeof unknown}`);
  }
  return operator((subscriber) => {
    const counts = new Map<string, number>();
    return {
      next(symbol) {
        counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
      },
      complete() {
        const symbols = kept(counts, minCount, maxSize, unknown);
        subscriber.next(vocabularyOf(symbols, unknown === undefined ? {} : { unknown }));
        subscriber.complete();
      },
    };
  });
}

function kept(
  counts: Map<string, number>,
  minCount: number,
  maxSize: number,
  unknown: string | undefined,
): readonly string[] {
  if (counts.size === 0) throw new RangeError('vocabulary: the corpus is empty');
  const special = unknown === undefined ? [] : [unknown];
  const frequent = [...counts].filter(([symbol, count]) => count >= minCount && symbol !== unknown);
  if (frequent.length === 0 && (unknown === undefined || !counts.has(unknown))) {
    throw new RangeError(`vocabulary: no symbol occurs ${minCount} times`);
  }
  const room = maxSize - special.length;
  if (frequent.length > room) {
    frequent.sort(([a, m], [b, n]) => n - m || byCodePoint(a, b));
    frequent.length = room;
  }
  return [...special, ...frequent.map(([symbol]) => symbol).toSorted(byCodePoint)];
}

/** Python's order of strings; JavaScript's own, by UTF-16 unit, puts U+FFFD after U+1F600. */
function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for U+10000 and above, so they rank above the units U+E000 to U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
