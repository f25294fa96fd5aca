import { type Observable, type OperatorFunction, Subject } from 'rxjs';
import { operator } from '../flow/operator.js';
import type { Model } from '../model/model.js';
import type { TrainingStep, Window } from '../types.js';
import { checkCount } from './checkCount.js';
import { crossEntropy } from './crossEntropy.js';
import type { EvaluateOptions } from './evaluate.js';
import { passOn } from './runs.js';
import { unroll } from './unroll.js';
import { plus, type Total, type ValidatedStep, type Validation, validation } from './validation.js';

export interface ValidateOptions extends EvaluateOptions {
  /** Steps from one validation to the next: after each step whose number it divides. */
  readonly every: number;
}

/** Held-out windows; a function gives them anew for each validation. */
export type HeldOut = Observable<Window> | (() => Observable<Window>);

/**
 * Measures the model on held-out windows every so many steps, and lets all steps pass, those with the figures in them.
 *
 * ```
 *   train                        --t1-----t2-----t3-----t4--|
 *   validate(…, { every: 2 })    --t1-----v2-----t3-----v4--|     v: t and { validation: { loss, bits, … } }
 * ```
 *
 * It has buffers of its own, every lane starts from zeros, nothing is dropped or drawn: the training run is the same to
 * the bit with it and without. The windows must come at once, as those of a corpus in memory do
 * (`pull(lanes(tokens, 8)).pipe(windows({ steps: 100, lanes: 8 }))`), since training goes on with the next window: an
 * Error where they do not, and a RangeError where no target counts. `trainingState` takes the steps that come out.
 */
export function validate(
  model: Model,
  heldOut: HeldOut,
  options: ValidateOptions,
): OperatorFunction<TrainingStep, ValidatedStep> {
  const { every, loss = crossEntropy() } = options;
  checkCount('validate', 'every', every, 1);
  return operator((subscriber) => {
    const window$ = new Subject<Window>(); // one tape for all validations
    let total: Total = { loss: 0, tokens: 0 };
    let failure: unknown;
    const scored = window$.pipe(unroll(model), loss).subscribe({
      next: (scored) => (total = plus(total, scored)),
      error: (error: unknown) => (failure = error),
    });

    function measure(): Validation {
      let ended = false;
      let first = true;
      total = { loss: 0, tokens: 0 };
      const source = typeof heldOut === 'function' ? heldOut() : heldOut;
      const reading = source.subscribe({
        next(window) {
          window$.next(first ? { ...window, resets: new Uint8Array(window.lanes).fill(1) } : window);
          first = false;
        },
        error: (error: unknown) => (failure = error),
        complete: () => (ended = true),
      });
      reading.unsubscribe();
      if (failure !== undefined) throw failure;
      if (!ended) throw new Error('validate: the held-out windows must come at once; hold them in memory');
      return validation('validate', total);
    }
    return {
      next(step) {
        const due = step.step % every === 0;
        subscriber.next(due ? passOn(step, { ...step, validation: measure() }) : step);
      },
      close: () => scored.unsubscribe(),
    };
  });
}
