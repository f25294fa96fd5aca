import { defer, map, type OperatorFunction, startWith, withLatestFrom } from 'rxjs';
import type { Model } from '../model/model.js';
import type { TrainingStep } from '../types.js';
import type { Optimizer } from './optimizer.js';
import { checkFresh, type Differentiated } from './stages.js';

/**
 * Moves a model's parameters against the gradients of each window: the one place where they change. Everything
 * between source and here being synchronous, window n is learned before window n + 1 is unrolled.
 *
 * ```
 *   clipGradNorm  --d0-----d1-----d2--|
 *   optimize      --t0-----t1-----t2--|     t: { step, tokens, loss, gradientNorm, learningRate }
 * ```
 *
 * `step` and `tokens` count this subscription's updates and targets. Where the optimizer's learning rate is an
 * observable, each update takes its latest value; an error of it, and a value that is no rate, end the stream.
 */
export function optimize(model: Model, optimizer: Optimizer): OperatorFunction<Differentiated, TrainingStep> {
  return (differentiated$) =>
    defer(() => {
      let step = 0;
      let tokens = 0;
      const { learningRate$ } = optimizer;
      return learningRate$
        ? differentiated$.pipe(withLatestFrom(learningRate$.pipe(startWith(undefined)), learn))
        : differentiated$.pipe(map((differentiated) => learn(differentiated)));

      function learn(differentiated: Differentiated, rate?: number): TrainingStep {
        checkFresh('optimize', differentiated);
        if (differentiated.model !== model) throw new Error('optimize: this window was unrolled by another model');
        const { tape, loss, count, gradientNorm } = differentiated;
        optimizer.update(model, tape.gradients, rate);
        step += 1;
        tokens += count;
        return { step, tokens, loss, gradientNorm, learningRate: optimizer.learningRate };
      }
    });
}
