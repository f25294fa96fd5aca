import { checkState } from '../model/checkState.js';
import { checkModel } from '../model/checkModel.js';
import { defer, map, type OperatorFunction } from 'rxjs';
import { optional } from '../check/optional.js';
import { isInt32 } from '../check/isInt32.js';
import { notAToken } from '../check/notAToken.js';
import { options } from '../check/options.js';
import { token as checkToken } from '../check/token.js';
import type { Model } from '../model/model.js';
import type { State, Tensor, Token } from '../types.js';
import { checkStreaming } from './checkStreaming.js';

/** Where a stream starts. */
export interface StepOptions {
  /** The state before the first token; zeros by default. */
  readonly initialState?: State | undefined;
}

/** What a model predicts after one more token. */
export interface Predicted {
  readonly token: Token;
  /** The logits of the next token, `[1, outputSize]`: a new copy. */
  readonly logits: Tensor;
  /** The state after this token, to continue from: a new copy. */
  readonly state: State;
}

/**
 * Reads each token and emits what the model predicts next: a `scan` with `model.step`.
 *
 * ```
 * tokens       -a-b-c-|
 * step(model)  -p-p-p-|     p: { token, logits, state }, after what was read so far
 * ```
 *
 * Everything emitted is a copy and may be kept; `surprisal` and `generateText` do without these copies. −1 is "no
 * input". A RangeError for anything that is not a token of the model.
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
export function step(model: Model, given: StepOptions = {}): OperatorFunction<Token, Predicted> {
  checkModel('step', 'model', model);
  given = options('step', given, { initialState: optional(checkState) });
  const { initialState } = given;
  checkStreaming('step', model);
  return (token$) =>
    defer(() => {
      let carried = initialState ?? model.zeroState();
      return token$.pipe(
        map((token, index) => {
          if (!isInt32(token)) throw notAToken('step', index, token);
          if (token !== -1) checkToken('step', token, model.inputSize, index);
          const { output, state } = model.step(token, carried);
          carried = state;
          return { token, logits: output, state };
        }),
      );
    });
}
