import { defer, type OperatorFunction } from 'rxjs';
import { checkModel } from '../model/checkModel.js';
import type { Model } from '../model/model.js';
import type { TrainingStep, Window } from '../types.js';
import { checkTrainOptions, makeTrainer, type TrainOptions } from './trainer.js';

/**
 * Learns from each window: the composition of `unroll`, a loss, `backpropagate`, a clip and `optimize`, nothing more.
 *
 * ```
 *   windows  --w0-----w1-----w2--|
 *   train    --t0-----t1-----t2--|     t: { step, tokens, loss, gradientNorm, learningRate }
 * ```
 *
 * It is the short form of `trainer(model, options).learn`; each subscription is a run of its own, which begins at
 * `resumeFrom`. For a run that is saved or looked at on its way, hold the trainer.
 *
 * Each window is learned in one turn of the event loop, its forward and its backward pass: timers and signals wait until
 * it has ended. `windows({ steps })` bounds it; those of `sequences` and `labelled` are as long as their longest sequence.
 *
 * What flows is plain JSON and may be kept. Errors are those of the stages: windows that do not fit the model, and a
 * loss or gradient that is not finite, with the step and the layer named. Windows that end before the first one, as those
 * of an empty corpus do and of one too short for its lanes, or before the first target that counts, are a RangeError:
 * nothing was learned.
 *
 * ```ts
 * import { from, last, repeat } from 'rxjs';
 * import { adam, encode, linear, lstm, sequential, train, vocabularyOf, windows } from 'rxrnn';
 *
 * const model = sequential({
 *   lstm: lstm({ inputSize: 4, hiddenSize: 16 }),
 *   linear: linear({ inputSize: 16, outputSize: 4 }),
 * });
 * from('hello')
 *   .pipe(
 *     repeat(200),
 *     encode(vocabularyOf(['e', 'h', 'l', 'o'])),
 *     windows({ steps: 10 }),
 *     train(model, { optimizer: adam({ learningRate: 0.02 }) }),
 *     last(),
 *   )
 *   .subscribe(({ step, tokens, loss }) => console.log(step, tokens, loss < 0.1)); // -> 100 999 true
 * ```
 */
export function train(model: Model, options: TrainOptions): OperatorFunction<Window, TrainingStep> {
  checkModel('train', 'model', model);
  const checked = checkTrainOptions('train', options);
  return (window$) => defer(() => window$.pipe(makeTrainer('train', model, checked).learn));
}
