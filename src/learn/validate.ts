import { isObservable, map, type Observable, type OperatorFunction } from 'rxjs';
import { anything } from '../check/anything.js';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import { checkModel } from '../model/checkModel.js';
import type { Model } from '../model/model.js';
import type { TrainingStep, Window } from '../types.js';
import {
  evaluate,
  type Evaluation,
  type LossEvaluation,
  type Measured,
  type Measures,
  type NoMeasures,
} from './evaluate.js';
import { checkTrainingStep } from './checkTrainingStep.js';
import { stage } from './stage.js';
import type { Scored, Unrolled } from './stages.js';

/** What a validation gives: one number to be made small, and any others beside it. */
export interface Figures {
  /** What `earlyStop` and the best checkpoint go by: lower is better. */
  readonly loss: number;
}

/** A training step, with the figures of a validation where one was due after it. */
export interface ValidatedStep<F extends Figures = Evaluation> extends TrainingStep {
  /** Absent where none was due. */
  readonly validation?: F;
}

/** Steps of a kind of their own, such as `Epoch`, with the figures of a validation where one was due. */
export type Validated<S extends TrainingStep, F extends Figures> = TrainingStep extends S
  ? ValidatedStep<F>
  : S & ValidatedStep<F>;

/** When a run is validated, and by what measure. */
export interface ValidateOptions<F extends Figures = Evaluation, M extends Measures = NoMeasures> {
  /** Steps from one validation to the next, or passes after `epochs`: after each whose number it divides. */
  readonly every: number;
  /**
   * The loss that is measured: usually the one that is trained, or another for the same outputs and targets, such as plain
   * cross-entropy of a run with `labelSmoothing`, or squared errors of one that learns by `huber`. `crossEntropy()` of
   * tokens by default, without smoothing or weights, whatever is trained. Targets that are numbers need one, or a `measure`.
   */
  readonly loss?: OperatorFunction<Unrolled, Scored> | undefined;
  /** What is measured besides the loss, as `evaluate` takes it; nothing by default. */
  readonly measures?: M | undefined;
  /**
   * An operator from the held-out windows to their figures, when they end: a measure of your own has any figures, and
   * among them a `loss`. `evaluate(model, { loss, measures })` by default.
   */
  readonly measure?: OperatorFunction<Window, F> | undefined;
}

/** Held-out windows; a function makes them again for each validation. */
export type HeldOut = Observable<Window> | (() => Observable<Window>);

/**
 * Measures the model on held-out windows every so many steps, and adds the figures to those steps; all steps pass.
 *
 * ```
 *   train                        --t1-----t2-----t3-----t4--|
 *   validate(…, { every: 2 })    --t1-----v2-----t3-----v4--|     v: t and { validation: { loss, bitsPerToken, … } }
 * ```
 *
 * Each validation has buffers of its own and starts from zeros; nothing is dropped or drawn: the training run is the
 * same to the bit with it and without. The windows must come at once, as those of a corpus in memory do
 * (`pull(lanes(tokens, 8)).pipe(windows({ steps: 100, lanes: 8 }))`), since the next window is learned right after: an
 * Error where they do not, and a RangeError where no target counts. The steps do not say by which loss they were learned,
 * so `loss` is measured as it is given: `earlyStop` and the best checkpoint go by it, and not by the loss that is trained.
 *
 * ```ts
 * import { lanes, adam, linear, pull, rnn, sequential, train, validate, windows } from 'rxrnn';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 2, hiddenSize: 4 }),
 *   linear: linear({ inputSize: 4, outputSize: 2 }),
 * });
 * const tokens = (length: number) => Array.from({ length }, (_, i) => i % 2);
 * const heldOut$ = pull(lanes(tokens(40), 4)).pipe(windows({ steps: 5, lanes: 4 }));
 * pull(tokens(40))
 *   .pipe(
 *     windows({ steps: 10 }),
 *     train(model, { optimizer: adam({ learningRate: 0.01 }) }),
 *     validate(model, heldOut$, { every: 2 }),
 *   )
 *   .subscribe(({ step, validation }) => console.log(step, validation?.tokens));
 * // -> 1 undefined
 * // -> 2 36
 * // -> 3 undefined
 * // -> 4 36
 * ```
 *
 * A measure of your own, here the share of tokens that the model does not predict:
 *
 * ```ts
 * import { map, of, pipe, reduce } from 'rxjs';
 * import { linear, outputs, pull, sequential, unroll, validate, windows, type Model } from 'rxrnn';
 *
 * const errorRate = (model: Model) =>
 *   pipe(
 *     unroll(model),
 *     map((unrolled) => {
 *       const { data } = outputs(unrolled);
 *       const likeliest = (row: Float32Array | Float64Array) => row.indexOf(Math.max(...row));
 *       const wrong = [...unrolled.window.targets].map((target, i) => {
 *         return likeliest(data.subarray(i * model.outputSize, (i + 1) * model.outputSize)) === target ? 0 : 1;
 *       });
 *       return { wrong: wrong.reduce<number>((sum, one) => sum + one, 0), count: wrong.length };
 *     }),
 *     reduce((sum, { wrong, count }) => ({ wrong: sum.wrong + wrong, count: sum.count + count })),
 *     map(({ wrong, count }) => ({ loss: wrong / count, count })),
 *   );
 * const model = sequential({ linear: linear({ inputSize: 2, outputSize: 2 }) });
 * const heldOut$ = pull([0, 1, 0, 1, 0]).pipe(windows({ steps: 2 }));
 * of({ step: 1, tokens: 2, loss: 0, gradientNorm: 0, learningRate: 0.1 })
 *   .pipe(validate(model, heldOut$, { every: 1, measure: errorRate(model) }))
 *   .subscribe(({ validation }) => console.log(validation?.count)); // -> 4
 * ```
 */
export function validate<
  F extends Figures = Evaluation,
  M extends Measures = NoMeasures,
  S extends TrainingStep = TrainingStep,
>(
  model: Model,
  heldOut: HeldOut,
  options: ValidateOptions<F, M> & { readonly loss?: undefined },
): OperatorFunction<S, Validated<S, Measured<F, M>>>;
export function validate<M extends Measures = NoMeasures, S extends TrainingStep = TrainingStep>(
  model: Model,
  heldOut: HeldOut,
  options: ValidateOptions<LossEvaluation, M> & { readonly measure?: undefined },
): OperatorFunction<S, Validated<S, Measured<LossEvaluation, M>>>;
export function validate<
  F extends Figures = Evaluation,
  M extends Measures = NoMeasures,
  S extends TrainingStep = TrainingStep,
>(
  model: Model,
  heldOut: HeldOut,
  options: ValidateOptions<F, M>,
): OperatorFunction<S, Validated<S, Measured<F | LossEvaluation, M>>>;
export function validate(
  model: Model,
  heldOut: HeldOut,
  given: ValidateOptions<Figures, Measures>,
): OperatorFunction<TrainingStep, ValidatedStep<Figures>> {
  checkModel('validate', 'model', model);
  if (typeof heldOut !== 'function' && !isObservable(heldOut)) {
    refuse('validate', 'heldOut', 'an observable of windows, or a function that makes one', heldOut, 'none');
  }
  const options = checkOptions('validate', given, {
    every: positiveInteger,
    loss: optional(callable),
    measures: anything, // checked by `evaluate`
    measure: optional(callable),
  });
  const { every, loss, measures } = options;
  if (options.measure && (loss || measures)) {
    const other = loss ? 'loss' : 'measures';
    throw new TypeError(
      `validate: ${other} and measure exclude each other; give the ${other} to evaluate in the measure`,
    );
  }
  const measure: OperatorFunction<Window, Figures> = stage(
    'validate',
    'measure',
    options.measure ?? evaluate(model, { loss, measures }),
  );
  return map((step) => {
    checkTrainingStep('validate', step);
    return numberOf(step) % every === 0 ? { ...step, validation: measureNow(heldOut, measure) } : step;
  });
}

/** The number of a pass after `epochs`, of a step otherwise. */
function numberOf(step: TrainingStep & { readonly epoch?: number }): number {
  return step.epoch ?? step.step;
}

/** The figures of windows that come at once. */
function measureNow<F extends Figures>(heldOut: HeldOut, measure: OperatorFunction<Window, F>): F {
  let found: { readonly figures: F } | undefined;
  let failure: { readonly error: unknown } | undefined;
  let ended = false;
  const window$ = typeof heldOut === 'function' ? heldOut() : heldOut;
  if (!isObservable(window$)) refuse('validate', 'what heldOut returns', 'an observable', window$, 'none');
  const measuring = window$.pipe(measure, map(figuresOf)).subscribe({
    next: (figures) => (found = { figures }),
    error: (error: unknown) => (failure = { error }),
    complete: () => (ended = true),
  });
  measuring.unsubscribe();
  if (failure) throw failure.error;
  if (!found && ended) throw new Error('validate: the measure ended without figures; it must emit them once');
  if (!found) throw new Error('validate: the held-out windows must come at once; hold them in memory');
  const { loss } = found.figures;
  if (!Number.isFinite(loss))
    refuse('validate', 'the loss among the figures of the measure', 'a finite number', loss, 'number');
  return found.figures;
}

/** Accepts what a measure emits: an object with a loss, whatever else. */
function figuresOf<F>(value: F): F {
  if (typeof value === 'object' && value !== null && typeof (value as Partial<Figures>).loss === 'number') return value;
  return refuse('validate', 'what the measure emits', 'an object with a loss', value, 'none');
}
