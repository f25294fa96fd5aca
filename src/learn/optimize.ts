import { defer, map, type OperatorFunction, pipe, startWith, tap, withLatestFrom } from 'rxjs';
import { showName } from '../check/showName.js';
import { checkModel } from '../model/checkModel.js';
import type { Model } from '../model/model.js';
import type { TrainingStep } from '../types.js';
import { checkOptimizer } from './checkOptimizer.js';
import type { Optimizer } from './optimizer.js';
import { checkDifferentiated, type Differentiated, type Scored } from './stages.js';
import { noteStepWeights } from './stepWeights.js';

/**
 * Moves a model's parameters against the gradients of each window: the one place where they change. Everything
 * between source and here is synchronous, so window n is learned before window n + 1 is unrolled.
 *
 * ```
 *   clipGradNorm  --d0-----d1-----d2--|
 *   optimize      --t0-----t1-----t2--|     t: { step, tokens, loss, gradientNorm, learningRate }
 * ```
 *
 * `step` and `tokens` count this subscription's updates and targets; those of a resumed run continue in `trainer`.
 * Where the optimizer's learning rate is an observable, each update takes its latest value; an error of it, and a value
 * that is not a rate, end the stream. A RangeError at the end where the last update has left
 * weights that are not finite. An Error for a window that was not run through `backpropagate`.
 */
export function optimize(model: Model, optimizer: Optimizer): OperatorFunction<Differentiated, TrainingStep> {
  checkModel('optimize', 'model', model);
  checkOptimizer('optimize', 'optimizer', optimizer);
  return (differentiated$) => defer(() => differentiated$.pipe(optimizeFrom(model, optimizer, { step: 0, tokens: 0 })));
}

/** Updates and targets of a run so far. */
export interface Counts {
  step: number;
  tokens: number;
}

/** `optimize` for one subscription, which counts its updates and targets up from `counts`, in place. */
export function optimizeFrom(
  model: Model,
  optimizer: Optimizer,
  counts: Counts,
): OperatorFunction<Differentiated, TrainingStep> {
  const { learningRate$ } = optimizer;
  let isFirst = true;
  return pipe(
    learningRate$
      ? withLatestFrom(learningRate$.pipe(startWith(undefined)), learn)
      : map((differentiated) => learn(differentiated)),
    tap({ complete: () => isFirst || checkLearned(model) }),
  );

  function learn(differentiated: Differentiated, rate?: number): TrainingStep {
    checkDifferentiated('optimize', differentiated);
    if (differentiated.model !== model) throw new Error('optimize: this window was unrolled by another model');
    const { tape, loss, count, divisor = count, gradientNorm, heads } = differentiated;
    const { gradientRuns } = tape;
    if (gradientRuns && optimizer.updateRuns) optimizer.updateRuns(model, gradientRuns, rate);
    else optimizer.update(model, tape.gradients, rate);
    counts.step += 1;
    counts.tokens += count;
    const { step, tokens } = counts;
    const { learningRate } = optimizer;
    const made = { step, tokens, loss, gradientNorm, learningRate, ...(heads && { heads: lossesOf(heads) }) };
    // of the others `epochs` takes the difference in tokens: a note for each would cost 5 % of a small model's time
    if (isFirst || heads || divisor !== count) noteStepWeights(made, differentiated);
    isFirst = false;
    return made;
  }
}

function lossesOf(heads: Readonly<Record<string, Scored>>): Record<string, number> {
  return Object.fromEntries(Object.entries(heads).map(([name, { loss }]) => [name, loss]));
}

/** Refuses weights that the last update has left not finite; those of an earlier one are an error of the next window. */
function checkLearned({ weights }: Model): void {
  for (const [name, { data }] of weights.tensors) {
    for (let i = 0; i < data.length; i++) {
      if (Number.isFinite(data[i])) continue;
      throw new RangeError(
        `optimize: after the last update number ${i} of ${showName(name)} is ${data[i]}; ` +
          'try a smaller learning rate or a tighter clipGradNorm',
      );
    }
  }
}
