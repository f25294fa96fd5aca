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

export interface TrainOptions {
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
