import { defer, EMPTY, type MonoTypeOperatorFunction, takeWhile, tap } from 'rxjs';
import { callable } from '../check/callable.js';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { refuse } from '../check/refuse.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { checkTrainingStep } from './checkTrainingStep.js';
import type { Figures, ValidatedStep } from './validate.js';

/** When a run has stopped improving. */
export interface EarlyStopOptions {
  /** Validations in a row without improvement that end the run. */
  readonly patience: number;
  /** By how much a validation loss must be below the best so far to count as better; 0 by default. */
  readonly minDelta?: number | undefined;
  /**
   * The validations so far of a run that is resumed, `latestCheckpoint(folder)?.validations`; none by default. A
   * checkpoint has the last 1,000 and the best of those before: the count of a patience beyond 1,000 begins there.
   */
  readonly resumeFrom?: readonly Figures[] | undefined;
  /**
   * Called with the best validation loss when the run is ended here and not by its source: after the last step, or at
   * once where the run that is resumed had ended so.
   */
  readonly onStopped?: ((best: number) => void) | undefined;
}

/**
 * Ends a run when its validation no longer improves.
 *
 * ```
 *   validate                    --5--.--4--.--4.1--.--4.2--.--3--…     validation losses; . a step without one
 *   earlyStop({ patience: 2 })  --5--.--4--.--4.1--.--(4.2|)
 * ```
 *
 * A run that had ended so and is resumed completes at once, without a step: `onStopped` tells it from one without data,
 * and `lastValueFrom` needs a `defaultValue`.
 *
 * Prechelt, Early stopping – but when?, 1998. The best weights are those that `checkpoint` keeps. A RangeError at once
 * for a patience that is not a positive integer.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { earlyStop } from 'rxrnn';
 *
 * const steps = [5, 4, 4.1, 4.2, 3].map((loss, i) => ({
 *   ...{ step: i + 1, tokens: 25 * (i + 1), loss, gradientNorm: 1, learningRate: 0.01 },
 *   validation: { tokens: 100, loss, bitsPerToken: loss / Math.LN2, perplexity: Math.exp(loss) },
 * }));
 * from(steps)
 *   .pipe(earlyStop({ patience: 2 }))
 *   .subscribe({ next: ({ step }) => console.log(step) });
 * // -> 1
 * // -> 2
 * // -> 3
 * // -> 4
 * ```
 */
export function earlyStop<S extends ValidatedStep<Figures>>(options: EarlyStopOptions): MonoTypeOperatorFunction<S> {
  options = checkOptions('earlyStop', options, {
    patience: positiveInteger,
    minDelta: optional(finite(0)),
    resumeFrom: optional(checkValidations),
    onStopped: optional(callable),
  });
  const { patience, minDelta = 0, resumeFrom = [], onStopped } = options;
  return (step$) =>
    defer(() => {
      let best = Infinity;
      let worse = 0; // in a row
      for (const { loss } of resumeFrom) look(loss);
      if (worse >= patience) {
        onStopped?.(best);
        return EMPTY; // it had stopped here
      }
      return step$.pipe(
        takeWhile((step) => {
          checkTrainingStep('earlyStop', step);
          return !step.validation || look(step.validation.loss) < patience;
        }, true),
        tap({
          complete() {
            if (worse >= patience) onStopped?.(best);
          },
        }),
      );

      function look(loss: number): number {
        if (loss < best - minDelta) {
          best = loss;
          worse = 0;
        } else worse++;
        return worse;
      }
    });
}

function checkValidations(who: string, option: string, value: unknown): void {
  const losses = Array.isArray(value) ? (value as readonly unknown[]) : [undefined];
  if (losses.every((figures) => typeof (figures as Partial<Figures> | null | undefined)?.loss === 'number')) return;
  refuse(who, option, 'the validations of a checkpoint', value, 'none');
}
