import type { Observable, OperatorFunction } from 'rxjs';
import { operator } from '../flow/operator.js';
import type { Model } from '../model/model.js';
import type { TrainingStep, Window } from '../types.js';
import { checkCount } from './checkCount.js';
import { evaluate, type Evaluation } from './evaluate.js';
import { passOn } from './runs.js';

/** A training step, with the figures of a validation where one was due after it. */
export interface ValidatedStep extends TrainingStep {
  /** Absent where none was due. */
  readonly validation?: Evaluation;
}

/** When a run is validated, and by what measure. */
export interface ValidateOptions {
  /** Steps from one validation to the next: after each step whose number it divides. */
  readonly every: number;
  /** What measures: windows to one evaluation, when they end; `evaluate(model)`, cross-entropy, by default. */
  readonly measure?: OperatorFunction<Window, Evaluation>;
}

/** Held-out windows; a function gives them anew for each validation. */
export type HeldOut = Observable<Window> | (() => Observable<Window>);

/**
 * Measures the model on held-out windows every so many steps, and lets all steps pass, those with the figures in them.
 *
 * ```
 *   train                        --t1-----t2-----t3-----t4--|
 *   validate(…, { every: 2 })    --t1-----v2-----t3-----v4--|     v: t and { validation: { loss, bitsPerToken, … } }
 * ```
 *
 * Each validation has buffers of its own and starts from zeros; nothing is dropped or drawn: the training run is the
 * same to the bit with it and without. The windows must come at once, as those of a corpus in memory do
 * (`pull(lanes(tokens, 8)).pipe(windows({ steps: 100, lanes: 8 }))`), since training goes on with the next window: an
 * Error where they do not, and a RangeError where no target counts. `trainingState` takes the steps that come out.
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
 */
export function validate(
  model: Model,
  heldOut: HeldOut,
  options: ValidateOptions,
): OperatorFunction<TrainingStep, ValidatedStep> {
  const { every, measure = evaluate(model) } = options;
  checkCount('validate', 'every', every, 1);
  return operator((subscriber) => ({
    next(step) {
      const due = step.step % every === 0;
      subscriber.next(due ? passOn(step, { ...step, validation: atOnce(heldOut, measure) }) : step);
    },
  }));
}

function atOnce(heldOut: HeldOut, measure: OperatorFunction<Window, Evaluation>): Evaluation {
  let found: Evaluation | undefined;
  let failure: unknown;
  const window$ = typeof heldOut === 'function' ? heldOut() : heldOut;
  const measuring = window$.pipe(measure).subscribe({
    next: (evaluation) => (found = evaluation),
    error: (error: unknown) => (failure = error),
  });
  measuring.unsubscribe();
  if (failure !== undefined) throw failure;
  if (!found) throw new Error('validate: the held-out windows must come at once; hold them in memory');
  return found;
}
