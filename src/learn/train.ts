import { type MonoTypeOperatorFunction, type OperatorFunction, pipe } from 'rxjs';
import type { Model } from '../model/model.js';
import type { Random } from '../random/random.js';
import { seeded } from '../random/seeded.js';
import type { TrainingStep, Window } from '../types.js';
import { backpropagate } from './backpropagate.js';
import { clipGradNorm } from './clipGradNorm.js';
import { crossEntropy } from './crossEntropy.js';
import { optimize } from './optimize.js';
import type { Optimizer } from './optimizer.js';
import type { Differentiated, Scored, Unrolled } from './stages.js';
import type { TrainingState } from './trainingState.js';
import { unroll } from './unroll.js';

/** The stages of `train`, and where a run begins. */
export interface TrainOptions {
  /** What moves the parameters; one of its own for each model. */
  readonly optimizer: Optimizer;
  /** `crossEntropy()` by default. */
  readonly loss?: OperatorFunction<Unrolled, Scored>;
  /** `clipGradNorm(5)` by default; rxjs's `identity` for none. */
  readonly clip?: MonoTypeOperatorFunction<Differentiated>;
  /** What layers with dropout draw from; `seeded(0)` by default. */
  readonly dropout?: Random;
  /**
   * Where each subscription begins: what `trainingState` gave, read from a checkpoint as a rule. Weights, optimizer,
   * hidden state, dropout and counts go on from there; the windows must, too.
   */
  readonly resumeFrom?: TrainingState | undefined;
}

/**
 * Learns from each window: the composition of `unroll`, a loss, `backpropagate`, a clip and `optimize`, nothing more.
 *
 * ```
 *   windows  --w0-----w1-----w2--|
 *   train    --t0-----t1-----t2--|     t: { step, tokens, loss, gradientNorm, learningRate }
 * ```
 *
 * What flows is plain JSON and may be kept. Errors are those of the stages: windows that do not fit the model, and a
 * loss or gradient that is not finite, with the step and the layer named.
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
  const { optimizer, loss = crossEntropy(), clip = clipGradNorm(5), dropout = seeded(0), resumeFrom } = options;
  return pipe(
    unroll(model, { dropout, resumeFrom }),
    loss,
    backpropagate(model),
    clip,
    optimize(model, optimizer, { resumeFrom }),
  );
}
