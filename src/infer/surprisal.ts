import { checkModel } from '../model/checkModel.js';
import type { Observable, OperatorFunction } from 'rxjs';
import { stream } from '../check/stream.js';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { operator } from '../flow/operator.js';
import type { Model } from '../model/model.js';
import type { Tensors, Token } from '../types.js';
import { checkStreaming } from './checkStreaming.js';
import { liveWeights } from './liveWeights.js';
import { READ_FROM_CHECKS, type ReadFrom, scorer } from './scorer.js';
import type { Surprisal } from './surprisalOf.js';

/** Where a stream starts and restarts, and what is emitted. */
export interface SurprisalOptions extends ReadFrom {
  /** How many of the most likely tokens to return with each; 0 by default. */
  readonly topK?: number | undefined;
  /** Whether the stream restarts after this token, as after the end of a name or a line; never by default. */
  readonly reset?: ((token: Token) => boolean) | undefined;
  /** Each of its values restarts the stream before the next token. */
  readonly reset$?: Observable<unknown> | undefined;
  /**
   * Weights as `stateDict` returns them: the latest apply from the next token on, the hidden state stays. With it a
   * subscription reads a copy of the model, so that training can continue on the model itself.
   */
  readonly weights$?: Observable<Tensors> | undefined;
}

/**
 * Scores how surprising each token is after those before it, in bits; the hidden state is carried as `scan` carries its
 * accumulator.
 *
 * ```
 * tokens            -a-b-c-|
 * surprisal(model)  -s-s-s-|     s: { token, bits, rank, top }
 * ```
 *
 * The first token is scored after "no input" from a state of zeros, unless `initialState` and `previous` say otherwise.
 * Work and memory per token are constant; state and buffers belong to the subscription. The bits of n tokens, added in
 * order, are exactly n times the `bitsPerToken` of `evaluate` for the same weights.
 *
 * Surprisal: Tribus, 1961; of words in context: Hale, A Probabilistic Earley Parser as a Psycholinguistic Model, 2001.
 * A RangeError for anything that is not a token of the model, and where its outputs are not finite.
 *
 * ```ts
 * import { linear, pull, rnn, sequential, surprisal } from 'rxrnn';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 4, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 4 }),
 * });
 * pull([1, 0, 2])
 *   .pipe(surprisal(model, { topK: 1 }))
 *   .subscribe(({ token, bits, rank, top }) => console.log(token, bits.toFixed(2), rank, top[0]!.token));
 * // -> 1 1.79 2 3
 * // -> 0 2.63 4 3
 * // -> 2 1.63 1 2
 * ```
 */
export function surprisal(model: Model, given: SurprisalOptions = {}): OperatorFunction<Token, Surprisal> {
  checkModel('surprisal', 'model', model);
  given = options('surprisal', given, {
    ...READ_FROM_CHECKS,
    topK: optional(wholeNumber()),
    reset: optional(callable),
    reset$: optional(stream),
    weights$: optional(stream),
  });
  const { topK = 0, reset, reset$, weights$ } = given;
  checkStreaming('surprisal', model);
  return operator((subscriber) => {
    const live = liveWeights(model, weights$, subscriber);
    const { score, reset: forget, release } = scorer('surprisal', live.model, given, topK);
    if (reset$) subscriber.add(reset$.subscribe({ next: forget, error: (error: unknown) => subscriber.error(error) }));
    return {
      next(token) {
        live.refresh();
        const surprisal = score(token);
        if (reset?.(token) === true) forget(); // before `next`, which may bring the next token
        if (surprisal !== undefined) subscriber.next(surprisal);
      },
      close: release,
    };
  });
}
