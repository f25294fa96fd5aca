import type { MonoTypeOperatorFunction } from 'rxjs';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { refuse } from '../check/refuse.js';
import { operator } from '../flow/operator.js';
import { checkModel } from '../model/checkModel.js';
import { loadStateDict } from '../model/loadStateDict.js';
import type { Model } from '../model/model.js';
import { stateDict } from '../model/stateDict.js';
import type { Tensors } from '../types.js';
import { checkTrainingStep } from './checkTrainingStep.js';
import type { Figures, ValidatedStep } from './validate.js';

/** Which validation is the best. */
export interface KeepBestOptions<F extends Figures> {
  /** The figure of a validation that is to be small; its `loss` by default. */
  readonly by?: ((validation: F) => number) | undefined;
}

/**
 * Keeps the weights of the best validation, and leaves them in the model when the run ends, for whatever reason.
 *
 * ```
 *   validate          --5--.--4--.--4.1--|     validation losses; . a step without one
 *   keepBest(model)   --5--.--4--.--4.1--|     the same steps; then the model has the weights after the loss of 4
 * ```
 *
 * The weights are back before the completion or the error is passed on, and as soon as the run is left. A run without a
 * validation keeps its last weights; of equal figures the first counts, and one that is not a number never. Memory is one
 * copy of the weights, which belongs to the subscription: a run that is resumed knows its earlier ones from `checkpoint`.
 *
 * A TypeError for a figure that is not a number.
 *
 * ```ts
 * import { lastValueFrom } from 'rxjs';
 * import { adam, keepBest, linear, pull, rnn, sequential, train, validate, windows } from 'rxrnn';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 3, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 3 }),
 * });
 * const heldOut$ = pull([0, 1, 2, 0, 1, 2]).pipe(windows({ steps: 5 }));
 * const run$ = pull([0, 1, 2, 0, 1, 2, 2, 2, 2, 2]).pipe(
 *   windows({ steps: 3 }),
 *   train(model, { optimizer: adam({ learningRate: 0.1 }) }),
 *   validate(model, heldOut$, { every: 1 }),
 *   keepBest(model),
 * );
 * console.log((await lastValueFrom(run$)).step); // -> 3
 * ```
 */
export function keepBest<S extends ValidatedStep<F>, F extends Figures = NonNullable<S['validation']>>(
  model: Model,
  options: KeepBestOptions<F> = {},
): MonoTypeOperatorFunction<S> {
  checkModel('keepBest', 'model', model);
  const { by = ({ loss }: F) => loss } = checkOptions('keepBest', options, { by: optional(callable) });
  return operator((subscriber) => {
    let least = Infinity;
    let best: Tensors | undefined;

    function restore(): void {
      if (best) loadStateDict(model, best);
      best = undefined;
    }
    return {
      next(step) {
        checkTrainingStep('keepBest', step);
        if (step.validation) {
          const figure: unknown = by(step.validation);
          if (typeof figure !== 'number') refuse('keepBest', 'what by returns', 'a number', figure, 'none');
          if (figure < least) [least, best] = [figure, stateDict(model)];
        }
        subscriber.next(step);
      },
      error(error) {
        restore();
        subscriber.error(error);
      },
      complete() {
        restore();
        subscriber.complete();
      },
      close: restore,
    };
  });
}
