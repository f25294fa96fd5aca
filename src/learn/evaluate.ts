import { identity, type OperatorFunction, pipe, Subject, tap } from 'rxjs';
import { options as checkOptions } from '../check/options.js';
import { callable } from '../check/callable.js';
import { listNames } from '../check/listNames.js';
import { showName } from '../check/showName.js';
import { optional } from '../check/optional.js';
import { operator } from '../flow/operator.js';
import { refuse } from '../check/refuse.js';
import { exp } from '../kernel/math/exp.js';
import { checkMembers } from '../model/checkMembers.js';
import { checkModel } from '../model/checkModel.js';
import { checkState } from '../model/checkState.js';
import type { Model } from '../model/model.js';
import type { State, Window } from '../types.js';
import { crossEntropy } from './crossEntropy.js';
import type { Scored, Unrolled } from './stages.js';
import { stage } from './stage.js';
import { unroll } from './unroll.js';

/** How well a model meets its targets, by the loss that was given; plain JSON. */
export interface LossEvaluation {
  /** Targets that counted. */
  readonly tokens: number;
  /** Their mean loss; of a `jointLoss` the weighted sum of the heads' means. */
  readonly loss: number;
  /** The loss in bits, where it is the cross-entropy of tokens, without smoothing or weights; else absent. */
  readonly bitsPerToken?: number;
  /** `exp(loss)`; absent where `bitsPerToken` is. */
  readonly perplexity?: number;
  /** Of a `jointLoss`: each head by name, by its own loss; else absent. */
  readonly heads?: Readonly<Record<string, LossEvaluation>>;
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

/** Measures by the names that their figures are to have: operators from scored windows to one figure, when they end. */
export type Measures = Readonly<Record<string, OperatorFunction<Scored, unknown>>>;

/** The figures of measures, by their names. */
export type FiguresOf<M extends Measures> = {
  readonly [K in keyof M]: M[K] extends OperatorFunction<Scored, infer R> ? R : never;
};

/** Figures with those of measures added, where there are any. */
export type Measured<F, M extends Measures> = string extends keyof M ? F : F & FiguresOf<M>;

/** No measures. */
export type NoMeasures = Readonly<Record<string, never>>;

/** What is measured, and where an evaluation starts. */
export interface EvaluateOptions<M extends Measures = NoMeasures> {
  /**
   * The loss that is measured, be it the one that is trained or another; `crossEntropy()` of tokens by default, without
   * smoothing or weights, whatever is trained. Targets that are numbers need one.
   */
  readonly loss?: OperatorFunction<Unrolled, Scored> | undefined;
  /** What is measured besides the loss, such as `{ accuracy: accuracy() }`; nothing by default. */
  readonly measures?: M | undefined;
  /** The state before the first window; zeros by default. */
  readonly initialState?: State | undefined;
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
 * not change a bit, and `surprisal` adds up to the same. Padding does not count, nor do targets that `targetMask` hides.
 * The mean is that of `loss` over all windows: bits and perplexity are there where it is the cross-entropy of tokens. No
 * target at all is a RangeError; a TypeError for targets that are numbers without a `loss`, since cross-entropy is not
 * what they are trained by.
 *
 * `measures` adds figures under names of yours: `accuracy`, `topK`, `confusion`, `meanAbsoluteError`,
 * `rootMeanSquaredError`, one of your own by `measure`, or any operator from scored windows to one figure. One that has
 * no meaning for the targets is an error, such as accuracy of numbers.
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
export function evaluate<M extends Measures = NoMeasures>(
  model: Model,
  options?: EvaluateOptions<M> & { readonly loss?: undefined },
): OperatorFunction<Window, Measured<Evaluation, M>>;
export function evaluate<M extends Measures = NoMeasures>(
  model: Model,
  options: EvaluateOptions<M>,
): OperatorFunction<Window, Measured<LossEvaluation, M>>;
export function evaluate(
  model: Model,
  given: EvaluateOptions<Measures> = {},
): OperatorFunction<Window, LossEvaluation> {
  checkModel('evaluate', 'model', model);
  const options = checkOptions('evaluate', given, {
    loss: optional(callable),
    measures: optional(named),
    initialState: optional(checkState),
  });
  const { loss, measures = {}, ...start } = options;
  return pipe(
    loss ? identity : tap(checkTokens),
    unroll(model, start),
    stage('evaluate', 'loss', loss ?? crossEntropy()),
    evaluated(Object.entries(measures)),
  );
}

const OWN: readonly string[] = ['tokens', 'loss', 'bitsPerToken', 'perplexity', 'heads'];

function named(who: string, option: string, measures: unknown): void {
  if (measures === null || typeof measures !== 'object') refuse(who, option, 'an object of measures', measures, 'none');
  for (const [name, measure] of Object.entries(measures)) {
    callable(who, `${option}.${showName(name)}`, measure);
    if (OWN.includes(name))
      throw new TypeError(`${who}: a measure cannot be called ${name}, which is a figure of its own`);
  }
}

function checkTokens(window: Window): void {
  checkMembers('evaluate', window);
  const { targets } = window;
  if (targets instanceof Int32Array) return;
  throw new TypeError(
    'evaluate: the targets are numbers, so the loss that is trained is needed, such as { loss: squaredError() }, or ' +
      '{ loss: crossEntropy() } of probabilities of classes; without one they must be tokens (Int32Array)',
  );
}

/** Adds up the losses, and gives each window to the measures, while its numbers are there. */
function evaluated(
  measures: readonly (readonly [string, Measures[string]])[],
): OperatorFunction<Scored, LossEvaluation> {
  return operator((subscriber) => {
    const sums = noSums();
    const scored$ = new Subject<Scored>();
    const figures = new Map<string, unknown>();
    for (const [name, measure] of measures) {
      const measuring = scored$.pipe(stage('evaluate', `measures.${showName(name)}`, measure)).subscribe({
        next: (figure) => figures.set(name, figure),
        error: (error: unknown) => subscriber.error(error),
      });
      subscriber.add(measuring);
    }
    return {
      next(scored) {
        add(sums, scored);
        scored$.next(scored);
      },
      complete() {
        if (sums.tokens === 0) throw new RangeError('evaluate: the windows have no target');
        if (!Number.isFinite(sums.sum)) {
          refuse('evaluate', 'the sum of what loss emits', 'a finite number', sums.sum, 'number');
        }
        scored$.complete();
        const silent = measures.filter(([name]) => !figures.has(name)).map(([name]) => name);
        if (silent.length > 0 && !subscriber.closed) {
          throw new Error(`evaluate: ${listNames(silent)} ended without a figure; a measure must emit one`);
        }
        subscriber.next({ ...evaluationOf(sums), ...Object.fromEntries(figures) });
        subscriber.complete();
      },
    };
  });
}

/** Sums over windows. */
interface Sums {
  tokens: number;
  divisor: number;
  sum: number;
  bits: number;
  /** Whether all losses are −ln p of tokens. */
  ofTokens: boolean;
  /** Those of the heads of a joint loss, with their weights. */
  readonly heads: Map<string, Sums & { readonly weight: number }>;
}

function noSums(): Sums {
  return { tokens: 0, divisor: 0, sum: 0, bits: 0, ofTokens: true, heads: new Map() };
}

function add(sums: Sums, scored: Scored): void {
  const { window, tape, losses, count, heads } = scored;
  const own = scored.divisor ?? count;
  let { sum, bits } = sums;
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
  Object.assign(sums, { sum, bits });
  sums.tokens += count;
  sums.divisor += own;
  sums.ofTokens &&= scored.ofTokens === true;
  for (const [name, head] of Object.entries(heads ?? {})) {
    if (!sums.heads.has(name)) sums.heads.set(name, { ...noSums(), weight: head.weight });
    add(sums.heads.get(name)!, head);
  }
}

function evaluationOf({ tokens, divisor, sum, bits, ofTokens, heads }: Sums): LossEvaluation {
  if (heads.size > 0) {
    const each = [...heads].map(([name, head]) => [name, head.weight, evaluationOf(head)] as const);
    return {
      tokens,
      loss: each.reduce((total, [, weight, { loss }]) => total + weight * loss, 0),
      heads: Object.fromEntries(each.map(([name, , evaluation]) => [name, evaluation])),
    };
  }
  const loss = divisor > 0 ? sum / divisor : 0;
  return ofTokens && tokens > 0
    ? { tokens, loss, bitsPerToken: bits / tokens, perplexity: exp(loss) }
    : { tokens, loss };
}
