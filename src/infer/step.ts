import { defer, map, type OperatorFunction } from 'rxjs';
import type { Model } from '../model/model.js';
import type { State, Tensor, Token } from '../types.js';
import { checkStreaming } from './checkStreaming.js';

/** Where a stream starts. */
export interface StepOptions {
  /** The state before the first token; zeros by default. */
  readonly initialState?: State;
}

/** What a model makes of one more token. */
export interface Predicted {
  readonly token: Token;
  /** `[1, outputSize]`, of the token after this one: a fresh copy. */
  readonly logits: Tensor;
  /** The state after this token: a fresh copy, to go on from. */
  readonly state: State;
}

/**
 * Reads each token and tells what the model then expects: `scan` with `model.step`, no more.
 *
 * ```
 * tokens       -a-b-c-|
 * step(model)  -p-p-p-|     p: { token, logits, state }, of what was read so far
 * ```
 *
 * Everything emitted is a copy and may be kept; where the copies are not needed, `surprisal` and `generateText` make
 * none. −1 is "no input". A RangeError for what is no token of the model.
 *
 * ```ts
 * import { linear, pull, rnn, sequential, softmax, step } from 'rxrnn';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 2, hiddenSize: 4 }),
 *   linear: linear({ inputSize: 4, outputSize: 2 }),
 * });
 * pull([0, 1])
 *   .pipe(step(model))
 *   .subscribe(({ token, logits }) => console.log(token, softmax(logits.data).length));
 * // -> 0 2
 * // -> 1 2
 * ```
 */
export function step(model: Model, { initialState }: StepOptions = {}): OperatorFunction<Token, Predicted> {
  checkStreaming('step', model);
  return (token$) =>
    defer(() => {
      let carried = initialState ?? model.zeroState();
      return token$.pipe(
        map((token) => {
          const { output, state } = model.step(token, carried);
          carried = state;
          return { token, logits: output, state };
        }),
      );
    });
}
