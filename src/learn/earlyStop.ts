import { defer, EMPTY, type MonoTypeOperatorFunction, takeWhile } from 'rxjs';
import { anything } from '../check/anything.js';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import type { Figures, ValidatedStep } from './validate.js';

/** When a run has stopped improving. */
export interface EarlyStopOptions {
  /** Validations in a row without improvement that end the run. */
  readonly patience: number;
  /** By how much a validation loss must be below the best so far to count as better; 0 by default. */
  readonly minDelta?: number;
  /**
   * The validations so far of a run that is resumed, `latestCheckpoint(folder)?.validations`; none by default. A
   * checkpoint has the last 1,000 and the best of those before: the count of a patience beyond 1,000 begins there.
   */
  readonly resumeFrom?: readonly Figures[] | undefined;
}

/**
 * Ends a run when its validation no longer improves.
 *
 * ```
 *   validate                    --5--.--4--.--4.1--.--4.2--.--3--…     validation losses; . a step without one
 *   earlyStop({ patience: 2 })  --5--.--4--.--4.1--.--(4.2|)
 * ```
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
  checkOptions('earlyStop', options, {
    patience: positiveInteger,
    minDelta: optional(finite(0)),
    resumeFrom: anything,
  });
  const { patience, minDelta = 0, resumeFrom = [] } = options;
  return (step$) =>
    defer(() => {
      let best = Infinity;
      let worse = 0; // in a row
      for (const { loss } of resumeFrom) look(loss);
      if (worse >= patience) return EMPTY; // it had stopped here
      return step$.pipe(takeWhile(({ validation }) => !validation || look(validation.loss) < patience, true));

      function look(loss: number): number {
        if (loss < best - minDelta) {
          best = loss;
          worse = 0;
        } else worse++;
        return worse;
      }
    });
}
