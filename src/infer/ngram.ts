import type { OperatorFunction } from 'rxjs';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { orInfinity } from '../check/orInfinity.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { token as checkToken } from '../check/token.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { operator } from '../flow/operator.js';
import { log } from '../kernel/math/log.js';
import type { Token } from '../types.js';
import { type Surprisal, surprisalOf } from './surprisalOf.js';

/** How far back n-grams reach, and how many counts are kept. */
export interface NgramOptions {
  /** The longest run of tokens that is counted: 1 ignores the tokens before, 5 uses the four before. */
  readonly order: number;
  /** The size of the vocabulary: tokens are 0 to `vocabSize − 1`. */
  readonly vocabSize: number;
  /** The most contexts to keep, from `order` up; the least recently seen is dropped; 1000000 by default. */
  readonly maxContexts?: number;
  /** How many of the most likely tokens to return with each; 0 by default. */
  readonly topK?: number;
}

/**
 * Scores each token by counts of the n-grams before it, then counts it, too: the baseline that a network has to beat.
 *
 * ```
 * tokens           -a-b-c-|
 * ngram({ order })  -s-s-s-|     s: { token, bits, rank, top }, as of surprisal; the first has log2 vocabSize bits
 * ```
 *
 * Interpolated Witten–Bell: with c(h w) tokens w after context h, c(h) in all and T(h) different ones,
 * p(w|h) = (c(h w) + T(h) p(w|h′)) / (c(h) + T(h)), where h′ is h without its first token; below the empty context all
 * tokens are equally likely. Work per token is `order × vocabSize`; memory is one count per different token after each
 * context kept. Witten and Bell, The Zero-Frequency Problem, 1991 (method C); Chen and Goodman, 1998, section 2.6.
 * A RangeError for anything that is not a token of the vocabulary.
 *
 * ```ts
 * import { from, map } from 'rxjs';
 * import { encode, ngram, vocabularyOf } from 'rxrnn';
 *
 * from('aaab')
 *   .pipe(
 *     encode(vocabularyOf(['a', 'b'])),
 *     ngram({ order: 1, vocabSize: 2 }),
 *     map(({ bits }) => bits.toFixed(2)),
 *   )
 *   .subscribe((bits) => console.log(bits));
 * // -> 1.00
 * // -> 0.42
 * // -> 0.26
 * // -> 3.00
 * ```
 */
export function ngram(given: NgramOptions): OperatorFunction<Token, Surprisal> {
  options('ngram', given, {
    order: positiveInteger,
    vocabSize: positiveInteger,
    maxContexts: optional(orInfinity(wholeNumber(given.order))),
    topK: optional(wholeNumber()),
  });
  const { order, vocabSize, maxContexts = Math.max(1_000_000, order), topK = 0 } = given;

  return operator((subscriber) => {
    const counts = ngramCounts(order - 1, vocabSize, maxContexts);
    const probabilities = new Float64Array(vocabSize);
    return {
      next(token) {
        checkToken('ngram', token, vocabSize);
        probabilities.fill(1 / vocabSize);
        for (const { counts: after, total } of counts.known()) {
          const kinds = after.size;
          for (let w = 0; w < vocabSize; w++) probabilities[w]! *= kinds / (total + kinds);
          for (const [w, count] of after) probabilities[w]! += count / (total + kinds);
        }
        counts.add(token);
        const nats = -log(probabilities[token]!);
        subscriber.next(surprisalOf(token, nats, probabilities, probabilities, 0, vocabSize, topK));
      },
    };
  });
}

/** The tokens that came after one context. */
interface Context {
  /** How often each token came, for the tokens that came. */
  readonly counts: Map<Token, number>;
  total: number;
}

/** Counts of the tokens that came after each context of a stream, for every length of context. */
interface NgramCounts {
  /** The contexts that end the stream now and that were seen before, the shortest first. */
  known(): readonly Context[];
  /** Counts a token after all contexts that end the stream now, and appends it. */
  add(token: Token): void;
}

/** Counts after contexts of up to `longest` tokens; beyond `max` contexts the least recently used is dropped. */
function ngramCounts(longest: number, vocabSize: number, max: number): NgramCounts {
  const units = vocabSize > 0x10000 ? 2 : 1; // of a string, per token
  const kept = new Map<string, Context>();
  let past = ''; // the last tokens, as a string of units

  /** The keys of the contexts that end the stream now, the shortest first. */
  function keys(): string[] {
    const found = [''];
    for (let length = units; length <= past.length; length += units) found.push(past.slice(-length));
    return found;
  }

  return {
    known() {
      return keys()
        .map((key) => kept.get(key))
        .filter((context) => context !== undefined);
    },
    add(token) {
      for (const key of keys().toReversed()) {
        const context = kept.get(key) ?? { counts: new Map<Token, number>(), total: 0 };
        context.counts.set(token, (context.counts.get(token) ?? 0) + 1);
        context.total += 1;
        kept.delete(key); // and set again: a Map keeps the order of insertion
        kept.set(key, context);
      }
      for (const key of kept.keys()) {
        if (kept.size <= max) break;
        kept.delete(key);
      }
      const unit = units === 1 ? String.fromCharCode(token) : String.fromCharCode(token >>> 16, token & 0xffff);
      past = longest === 0 ? '' : (past + unit).slice(-longest * units);
    },
  };
}
