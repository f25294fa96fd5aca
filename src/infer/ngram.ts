import type { OperatorFunction } from 'rxjs';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { orInfinity } from '../check/orInfinity.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { token as checkToken } from '../check/token.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { vocabularySize } from '../check/vocabularySize.js';
import { operator } from '../flow/operator.js';
import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';
import type { Token } from '../types.js';
import { ngramCounts } from './ngramCounts.js';
import { ngramRank } from './ngramRank.js';
import { ngramTop } from './ngramTop.js';
import type { Surprisal } from './surprisalOf.js';

/** How far back n-grams reach, and how many counts are kept. */
export interface NgramOptions {
  /** The longest run of tokens that is counted: 1 ignores the tokens before, 5 uses the four before. */
  readonly order: number;
  /** The size of the vocabulary, up to 16777216: tokens are 0 to `vocabSize − 1`. */
  readonly vocabSize: number;
  /** The most contexts to keep, from `order` up; the least recently seen is dropped; 1000000 by default. */
  readonly maxContexts?: number | undefined;
  /** How many of the most likely tokens to return with each; 0 by default. */
  readonly topK?: number | undefined;
}

/**
 * Scores each token by counts of the n-grams before it, then counts it, too: the baseline that a network has to beat.
 *
 * ```
 * tokens           -a-b-c-|
 * ngram({ order })  -s-s-s-|     s: { token, bits, rank, top }, as of surprisal; the first has log2 vocabSize bits
 * ```
 *
 * Interpolated Witten–Bell: with c(h w) tokens w after context h, c(h) in all and T(h) different ones, p(w|h) = (c(h w) +
 * T(h) p(w|h′)) / (c(h) + T(h)), where h′ is h without its first token; below the empty context all tokens are equally
 * likely. Memory is about 60 bytes per token of the vocabulary, 32 per context kept (40 once any is dropped) and 16 to 32
 * per different token after it, where there are several, 100 where there are thousands, in arrays that double as they grow.
 * Work per token is that of its counts, and for ranks and `topK` at most that of the different tokens that came after the
 * last one, or of their different counts where this is often a token with thousands of others after it; it does not grow
 * with the vocabulary, nor with the stream but for these. Witten and Bell, The Zero-Frequency Problem, 1991 (method
 * C); Chen and Goodman, 1998, section 2.6. A RangeError for anything that is not a token of the vocabulary.
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
  given = options('ngram', given, {
    order: positiveInteger,
    vocabSize: vocabularySize,
    maxContexts: optional(orInfinity(wholeNumber((given as Partial<NgramOptions> | undefined)?.order))),
    topK: optional(wholeNumber()),
  });
  const { order, vocabSize, maxContexts = Math.max(1_000_000, order), topK = 0 } = given;

  return operator((subscriber) => {
    const counts = ngramCounts(order - 1, maxContexts, vocabSize);
    const rank = ngramRank(counts.view);
    const top = topK === 0 ? undefined : ngramTop(counts.view);
    let index = 0;

    function score(token: Token): Surprisal {
      const probability = counts.probability(token);
      const nats = -log(probability);
      const found = top?.(topK).map((other) => (other.token === token ? { token, probability: exp(-nats) } : other));
      return { token, bits: nats / Math.LN2, rank: rank(token, probability), top: found ?? NOTHING };
    }

    return {
      next(token) {
        checkToken('ngram', token, vocabSize, index++);
        const scored = score(token);
        counts.add(token);
        subscriber.next(scored);
      },
    };
  });
}

const NOTHING: Surprisal['top'] = Object.freeze([]);
