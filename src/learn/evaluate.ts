import { identity, map, type OperatorFunction, pipe, reduce, tap } from 'rxjs';
import { anything } from '../check/anything.js';
import { options as checkOptions } from '../check/options.js';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { exp } from '../kernel/math/exp.js';
import type { Model } from '../model/model.js';
import type { State, Window } from '../types.js';
import { crossEntropy } from './crossEntropy.js';
import type { Scored, Unrolled } from './stages.js';
import { unroll } from './unroll.js';

/** How well a model meets its targets, by the loss that was given; plain JSON. */
export interface LossEvaluation {
  /** Targets that counted. */
  readonly tokens: number;
  /** Their mean loss. */
  readonly loss: number;
  /** The loss in bits, where it is the cross-entropy of tokens, without smoothing or weights; else absent. */
  readonly bitsPerToken?: number;
  /** `exp(loss)`; absent where `bitsPerToken` is. */
  readonly perplexity?: number;
}

/** How well a model predicts a text; plain JSON. */
export interface Evaluation extends LossEvaluation {
  /** Their mean cross-entropy in nats. */
  readonly loss: number;
  /** The same in bits. */
  readonly bitsPerToken: number;
  /** `exp(loss)`. */
  readonly perplexity: number;
}

/** What is measured, and where an evaluation starts. */
export interface EvaluateOptions {
  /** The loss that is trained; `crossEntropy()` of tokens by default. Targets that are numbers need one. */
  readonly loss?: OperatorFunction<Unrolled, Scored> | undefined;
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
 * not change a bit, and `surprisal` adds up to the same. Padding does not count. The mean is that of `loss` over all
 * windows: bits and perplexity are there where it is the cross-entropy of tokens. No target at all is a RangeError; a
 * TypeError for targets that are numbers without a `loss`, since cross-entropy is not what they are trained by.
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
export function evaluate(
  model: Model,
  options?: EvaluateOptions & { readonly loss?: undefined },
): OperatorFunction<Window, Evaluation>;
export function evaluate(model: Model, options: EvaluateOptions): OperatorFunction<Window, LossEvaluation>;
export function evaluate(model: Model, options: EvaluateOptions = {}): OperatorFunction<Window, LossEvaluation> {
  checkOptions('evaluate', options, { loss: optional(callable), initialState: anything });
  const { loss, ...start } = options;
  return pipe(
    loss ? identity : tap(checkTokens),
    unroll(model, start),
    loss ?? crossEntropy(),
    reduce(add, { tokens: 0, divisor: 0, sum: 0, bits: 0, ofTokens: true }),
    map(({ tokens, divisor, sum, bits, ofTokens }) => {
      if (tokens === 0) throw new RangeError('evaluate: the windows have no target');
      const loss = divisor > 0 ? sum / divisor : 0;
      return ofTokens ? { tokens, loss, bitsPerToken: bits / tokens, perplexity: exp(loss) } : { tokens, loss };
    }),
  );
}

function checkTokens({ targets }: Window): void {
  if (targets instanceof Int32Array) return;
  throw new TypeError(
    'evaluate: the targets are numbers, so the loss that is trained is needed, such as { loss: squaredError() }; ' +
      'cross-entropy, the default, is for tokens (Int32Array)',
  );
}

/** Sums over windows. */
interface Sums {
  readonly tokens: number;
  readonly divisor: number;
  readonly sum: number;
  readonly bits: number;
  /** Whether all losses are −ln p of tokens. */
  readonly ofTokens: boolean;
}

function add({ tokens, divisor, sum, bits, ofTokens }: Sums, scored: Scored): Sums {
  const { window, tape, losses, count } = scored;
  const own = scored.divisor ?? count;
  if (losses) {
    const length = (window.steps * window.lanes * losses.length) / (tape.steps * tape.lanes);
    for (let i = 0; i < length; i++) {
      sum += losses[i]!; // 0 where padding keeps it from counting
      bits += losses[i]! / Math.LN2;
    }
  } else {
    sum += scored.loss * own;
    bits += (scored.loss * own) / Math.LN2;
  }
  return {
    tokens: tokens + count,
    divisor: divisor + own,
    sum,
    bits,
    ofTokens: ofTokens && scored.ofTokens === true,
  };
}
