import type { Observable, OperatorFunction } from 'rxjs';
import { operator } from '../flow/operator.js';
import type { Model } from '../model/model.js';
import type { Tensors, Token } from '../types.js';
import { checkStreaming } from './checkStreaming.js';
import { liveWeights } from './liveWeights.js';
import type { Surprisal } from './scored.js';
import { checkTopK, type ReadFrom, scorer } from './scorer.js';

/** Where a stream starts and starts afresh, and what to tell of it. */
export interface SurprisalOptions extends ReadFrom {
  /** How many of the likeliest tokens to give with each; 0 by default. */
  readonly topK?: number;
  /** Says that the stream starts afresh after this token, as after the end of a name or a line; never by default. */
  readonly reset?: (token: Token) => boolean;
  /** Whatever it emits starts the stream afresh before the next token. */
  readonly reset$?: Observable<unknown>;
  /**
   * Weights to go on with, as `stateDict` gives them: the latest hold from the next token on, the hidden state stays.
   * With it a subscription reads a copy of the model, so that a trainer may go on with the model itself.
   */
  readonly weights$?: Observable<Tensors>;
}

/**
 * How surprising each token is after those before it, in bits: a `scan` whose accumulator is the hidden state.
 *
 * ```
 * tokens            -a-b-c-|
 * surprisal(model)  -s-s-s-|     s: { token, bits, rank, top }
 * ```
 *
 * The first token is scored after "no input" from a state of zeros, unless `initialState` and `previous` say otherwise.
 * Work and memory a token do not grow; state and buffers belong to the subscription. The bits of n tokens, added up in
 * their order, are n times what `evaluate` calls `bitsPerToken` for the same weights, exactly.
 *
 * Surprisal: Tribus, 1961; of words in context: Hale, A Probabilistic Earley Parser as a Psycholinguistic Model, 2001.
 * A RangeError for what is no token of the model and where its outputs are not finite.
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
export function surprisal(model: Model, options: SurprisalOptions = {}): OperatorFunction<Token, Surprisal> {
  const { topK = 0, reset, reset$, weights$ } = options;
  checkTopK('surprisal', topK);
  checkStreaming('surprisal', model);
  return operator((subscriber) => {
    const live = liveWeights(model, weights$, subscriber);
    const { score, reset: forget, release } = scorer('surprisal', live.model, options, topK);
    const errors = { next: forget, error: (error: unknown) => subscriber.error(error) };
    if (reset$) subscriber.add(reset$.subscribe(errors));
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
