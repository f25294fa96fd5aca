import type { OperatorFunction } from 'rxjs';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { orInfinity } from '../check/orInfinity.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { string } from '../check/string.js';
import { operator } from '../flow/operator.js';
import { type Vocabulary, vocabularyOf } from './vocabularyOf.js';

/** Which symbols of the corpus are kept. */
export interface VocabularyOptions {
  /** Keeps symbols that occur at least this many times; 1 by default, which keeps all. */
  readonly minCount?: number | undefined;
  /** Largest size, the unknown symbol included: the most frequent symbols are kept, ties by code point. */
  readonly maxSize?: number | undefined;
  /** Adds a symbol, as token 0, that replaces all that are not kept; a symbol of the same name merges with it. */
  readonly unknown?: string | undefined;
}

/**
 * Collects the vocabulary of a corpus: a fold over its symbols, emitted once when they complete.
 *
 * ```
 * symbols       -o-h-l-l-e-h-|
 * vocabulary()  -------------(v|)     v.symbols = ['e', 'h', 'l', 'o']
 * ```
 *
 * Symbols are sorted by code point (as Python sorts strings), so the vocabulary does not depend on the order of the
 * corpus. Memory grows with the number of different symbols, not with the corpus. A RangeError when the corpus is empty
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
export function vocabulary(given: VocabularyOptions = {}): OperatorFunction<string, Vocabulary> {
  given = options('vocabulary', given, {
    minCount: optional(positiveInteger),
    maxSize: optional(orInfinity(positiveInteger)),
    unknown: optional(string),
  });
  const { minCount = 1, maxSize = Infinity, unknown } = given;
  return operator((subscriber) => {
    const counts = new Map<string, number>();
    let index = 0;
    return {
      next(symbol) {
        if (typeof symbol !== 'string') string('vocabulary', `symbol at index ${index}`, symbol);
        index++;
        counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
      },
      complete() {
        const symbols = selectSymbols(counts, minCount, maxSize, unknown);
        subscriber.next(vocabularyOf(symbols, unknown === undefined ? {} : { unknown }));
        subscriber.complete();
      },
    };
  });
}

function selectSymbols(
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
  const most = maxSize - special.length;
  if (frequent.length > most) {
    frequent.sort(([a, m], [b, n]) => n - m || byCodePoint(a, b));
    frequent.length = most;
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

/** Surrogates encode U+10000 and above, so they rank above the units U+E000 to U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
