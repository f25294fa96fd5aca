import { defer, finalize, map, type OperatorFunction, startWith, withLatestFrom } from 'rxjs';
import { loadStateDict } from '../model/loadStateDict.js';
import type { Model } from '../model/model.js';
import type { TrainingStep } from '../types.js';
import type { Optimizer } from './optimizer.js';
import { checkFresh, type Differentiated } from './stages.js';
import { openRun } from './runs.js';
import type { TrainingState } from './trainingState.js';

/** Where a run begins. */
export interface OptimizeOptions {
  /** Where each subscription begins: it loads the weights and the optimizer, and counts on. By default from nothing. */
  readonly resumeFrom?: TrainingState | undefined;
}

/**
 * Moves a model's parameters against the gradients of each window: the one place where they change. Everything
 * between source and here being synchronous, window n is learned before window n + 1 is unrolled.
 *
 * ```
 *   clipGradNorm  --d0-----d1-----d2--|
 *   optimize      --t0-----t1-----t2--|     t: { step, tokens, loss, gradientNorm, learningRate }
 * ```
 *
 * `step` and `tokens` count this subscription's updates and targets, on from those of `resumeFrom`. Where the
 * optimizer's learning rate is an observable, each update takes its latest value; an error of it, and a value that is
 * no rate, end the stream.
 */
export function optimize(
  model: Model,
  optimizer: Optimizer,
  { resumeFrom }: OptimizeOptions = {},
): OperatorFunction<Differentiated, TrainingStep> {
  return (differentiated$) =>
    defer(() => {
      let { step, tokens } = resumeFrom ?? { step: 0, tokens: 0 };
      if (resumeFrom) {
        optimizer.restore(model, resumeFrom.optimizer);
        loadStateDict(model, resumeFrom.weights);
      }
      const run = openRun(model, optimizer);
      const end = finalize<TrainingStep>(run.end);
      const { learningRate$ } = optimizer;
      return learningRate$
        ? differentiated$.pipe(withLatestFrom(learningRate$.pipe(startWith(undefined)), learn), end)
        : differentiated$.pipe(
            map((differentiated) => learn(differentiated)),
            end,
          );

      function learn(differentiated: Differentiated, rate?: number): TrainingStep {
        checkFresh('optimize', differentiated);
        if (differentiated.model !== model) throw new Error('optimize: this window was unrolled by another model');
        const { tape, loss, count, gradientNorm } = differentiated;
        optimizer.update(model, tape.gradients, rate);
        step += 1;
        tokens += count;
        return run.told({ step, tokens, loss, gradientNorm, learningRate: optimizer.learningRate }, differentiated);
      }
    });
}
