import { map, type OperatorFunction, pipe, reduce } from 'rxjs';
import { anything } from '../check/anything.js';
import { options as checkOptions } from '../check/options.js';
import { exp } from '../kernel/math/exp.js';
import type { Model } from '../model/model.js';
import type { State, Window } from '../types.js';
import { crossEntropy } from './crossEntropy.js';
import { unroll } from './unroll.js';

/** How well a model predicts a text; plain JSON. */
export interface Evaluation {
  /** Targets that counted. */
  readonly tokens: number;
  /** Their mean cross-entropy in nats. */
  readonly loss: number;
  /** The same in bits. */
  readonly bitsPerToken: number;
  /** `exp(loss)`. */
  readonly perplexity: number;
}

/** Where an evaluation starts. */
export interface EvaluateOptions {
  /** The state before the first window; zeros by default. */
  readonly initialState?: State;
}

/**
 * Scores windows without learning from them, and emits one evaluation when they end.
 *
 * ```
 * windows          -w-w-w-|
 * evaluate(model)  -------(e|)     e: { tokens, loss, bitsPerToken, perplexity }
 * ```
 *
 * It runs in buffers of its own and changes nothing of the model. Losses are added up target by target, in the order
 * of the steps and within a step of the lanes, in double precision: how a text of one lane is cut into windows does
 * not change a bit, and `surprisal` adds up to the same. Padding does not count. Targets are tokens. No target at all
 * is a RangeError.
 *
 * ```ts
 * import { evaluate, linear, pull, rnn, sequential, windows } from 'rxrnn';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 4, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 4 }),
 * });
 * pull([1, 0, 2, 2, 3])
 *   .pipe(windows({ steps: 25 }), evaluate(model))
 *   .subscribe(({ tokens, bitsPerToken }) => console.log(tokens, bitsPerToken.toFixed(2))); // -> 4 2.03
 * ```
 */
export function evaluate(model: Model, options: EvaluateOptions = {}): OperatorFunction<Window, Evaluation> {
  checkOptions('evaluate', options, { initialState: anything });
  return pipe(
    unroll(model, options),
    crossEntropy(),
    reduce(
      ({ tokens, nats, bits }, { window, losses, count }) => {
        const rows = window.steps * window.lanes;
        for (let r = 0; r < rows; r++) {
          nats += losses![r]!; // 0 where padding keeps it from counting
          bits += losses![r]! / Math.LN2;
        }
        return { tokens: tokens + count, nats, bits };
      },
      { tokens: 0, nats: 0, bits: 0 },
    ),
    map(({ tokens, nats, bits }) => {
      if (tokens === 0) throw new RangeError('evaluate: the windows have no target');
      const loss = nats / tokens;
      return { tokens, loss, bitsPerToken: bits / tokens, perplexity: exp(loss) };
    }),
  );
}
