import type { OperatorFunction } from 'rxjs';
import { operator } from '../flow/operator.js';
import { log } from '../kernel/math/log.js';
import { checkSize } from '../layer/checkSize.js';
import type { Token } from '../types.js';
import { contexts } from './contexts.js';
import { checkToken } from './reader.js';
import { scored, type Surprisal } from './scored.js';
import { checkTopK } from './scorer.js';

/** How far back counts look, and how many are kept. */
export interface NgramOptions {
  /** The longest run of tokens that is counted: 1 looks at nothing before a token, 5 at the four before it. */
  readonly order: number;
  /** Tokens that there are: 0 to `vocabSize − 1`. */
  readonly vocabSize: number;
  /** The most contexts that are kept, from `order` up: the least recently seen is forgotten; 1000000 by default. */
  readonly maxContexts?: number;
  /** How many of the likeliest tokens to give with each; 0 by default. */
  readonly topK?: number;
}

/**
 * The surprisal of each token to counts of the runs before it, which then count it too: what a network has to beat.
 *
 * ```
 * tokens           -a-b-c-|
 * ngram({ order })  -s-s-s-|     s: { token, bits, rank, top }, as of surprisal; the first has log2 vocabSize bits
 * ```
 *
 * Interpolated Witten–Bell: with c(h w) tokens w after context h, c(h) in all and T(h) different ones,
 * p(w|h) = (c(h w) + T(h) p(w|h′)) / (c(h) + T(h)), where h′ is h without its first token; before the empty context all
 * tokens are as likely. Work is `order × vocabSize` a token; memory is a count for each different token after each
 * context kept. Witten and Bell, The Zero-Frequency Problem, 1991 (method C); Chen and Goodman, 1998, section 2.6.
 * A RangeError for what is no token of the vocabulary.
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
export function ngram(options: NgramOptions): OperatorFunction<Token, Surprisal> {
  const { order, vocabSize, maxContexts = 1_000_000, topK = 0 } = options;
  checkSize('ngram', 'order', order);
  checkSize('ngram', 'vocabSize', vocabSize);
  checkTopK('ngram', topK);
  if (!(maxContexts >= order)) {
    throw new RangeError(`ngram: maxContexts must be a number from ${order} (order) up, got ${maxContexts}`);
  }

  return operator((subscriber) => {
    const counted = contexts(order - 1, vocabSize, maxContexts);
    const probabilities = new Float64Array(vocabSize);
    return {
      next(token) {
        checkToken('ngram', token, vocabSize);
        probabilities.fill(1 / vocabSize);
        for (const { counts, total } of counted.known()) {
          const kinds = counts.size;
          for (let w = 0; w < vocabSize; w++) probabilities[w]! *= kinds / (total + kinds);
          for (const [w, count] of counts) probabilities[w]! += count / (total + kinds);
        }
        counted.add(token);
        const nats = -log(probabilities[token]!);
        subscriber.next(scored(token, nats, probabilities, probabilities, 0, vocabSize, topK));
      },
    };
  });
}
