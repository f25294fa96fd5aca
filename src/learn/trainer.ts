import { defer, finalize, map, type MonoTypeOperatorFunction, Observable, type OperatorFunction, pipe } from 'rxjs';
import { anything } from '../check/anything.js';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { show } from '../check/show.js';
import { loadStateDict } from '../model/loadStateDict.js';
import type { Model } from '../model/model.js';
import { stateDict } from '../model/stateDict.js';
import type { Random, RandomState } from '../random/random.js';
import { seeded } from '../random/seeded.js';
import type { State, Tensors, TrainingStep, Window } from '../types.js';
import { backpropagate } from './backpropagate.js';
import { clipGradNorm } from './clipGradNorm.js';
import { crossEntropy } from './crossEntropy.js';
import { type Counts, optimizeFrom } from './optimize.js';
import type { Optimizer, OptimizerState } from './optimizer.js';
import type { Differentiated, Scored, Unrolled } from './stages.js';
import { unrollFrom } from './unroll.js';

/** The stages of a training run, and where it begins. */
export interface TrainOptions {
  /** What moves the parameters; each model needs one of its own. */
  readonly optimizer: Optimizer;
  /** `crossEntropy()` by default. */
  readonly loss?: OperatorFunction<Unrolled, Scored>;
  /** `clipGradNorm(5)` by default; rxjs's `identity` for none. */
  readonly clip?: MonoTypeOperatorFunction<Differentiated>;
  /** What layers with dropout draw from; `seeded(0)` by default. */
  readonly dropout?: Random;
  /**
   * Where the run begins: a `state()` of an earlier one, usually read from a checkpoint. Weights, optimizer, hidden
   * state, dropout and counts continue from there; the windows must, too. By default the run begins at step 0.
   */
  readonly resumeFrom?: TrainingState | undefined;
}

/** A training run's state between two windows: all that the next step's bits depend on, except the windows. */
export interface TrainingState {
  /** What to build the model from: its `configuration`. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** Updates so far. */
  readonly step: number;
  /** Targets learned so far. */
  readonly tokens: number;
  /** Copies of the parameters, as `stateDict` gives them. */
  readonly weights: Tensors;
  /** The state of the optimizer, its moments included. */
  readonly optimizer: OptimizerState;
  /** The hidden state after the last window. */
  readonly hidden: State;
  /** The state of the generator that dropout draws from; absent where a run had none. */
  readonly dropout?: RandomState | undefined;
}

/** A training run that you hold: the operators that learn, and the state between two windows. */
export interface Trainer {
  /** Learns from each window: `unroll`, the loss, `backpropagate`, the clip and `optimize`, one after another. */
  readonly learn: OperatorFunction<Window, TrainingStep>;
  /** The first stage of a pipeline composed by hand, which carries the run's hidden state. */
  readonly unroll: OperatorFunction<Window, Unrolled>;
  /** Its last stage, which counts the run's steps: `windows$.pipe(run.unroll, …, run.optimize)`. */
  readonly optimize: OperatorFunction<Differentiated, TrainingStep>;
  /**
   * Copies the state of the run, for `resumeFrom`. An Error before the first step, and while a window has been
   * unrolled and not learned.
   */
  state(): TrainingState;
}

/**
 * Makes a training run that you can hold: it learns as `train` does, and gives its state to `checkpoint`, to
 * `snapshots` and to you.
 *
 * ```
 *   windows    --w0-----w1-----w2--|
 *   run.learn  --t0-----t1-----t2--|     run.state() after t1: after its update, before window 2
 * ```
 *
 * The run owns its counts and its hidden state; the model, the optimizer and the generator of dropout are yours, and it
 * changes them. `resumeFrom` is loaded at once. A second subscription continues where the first ended, with the hidden
 * state, the counts and the rest; two at the same time are an Error. `train` is the short form, each of whose
 * subscriptions is a run of its own.
 *
 * For stages of your own between `unroll` and `optimize`, the run gives its two ends:
 *
 * ```ts
 * import { take } from 'rxjs';
 * import { adam, backpropagate, clipGradNorm, crossEntropy, linear, pull, rnn } from 'rxrnn';
 * import { sequential, trainer, windows } from 'rxrnn';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 3, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 3 }),
 * });
 * const run = trainer(model, { optimizer: adam() });
 * const windows$ = pull([0, 1, 2, 0, 1, 2, 0, 1, 2]).pipe(windows({ steps: 2 }));
 * windows$
 *   .pipe(run.unroll, crossEntropy(), backpropagate(model), clipGradNorm(5), run.optimize, take(3))
 *   .subscribe(({ step, tokens }) => console.log(step, tokens));
 * // -> 1 2
 * // -> 2 4
 * // -> 3 6
 * console.log(run.state().step, [...run.state().hidden.keys()]); // -> 3 [ 'rnn.h' ]
 * ```
 *
 * A window that failed is not learned, and a later subscription continues after it; `state()` is an Error until a
 * window has been learned again. TypeErrors and RangeErrors at once: invalid options, and a `resumeFrom` that
 * does not fit the model, the optimizer or the generator.
 */
export function trainer(model: Model, options: TrainOptions): Trainer {
  checkTrainOptions('trainer', options);
  const { optimizer, loss = crossEntropy(), clip = clipGradNorm(5), dropout = seeded(0), resumeFrom } = options;
  const counts: Counts = { step: resumeFrom?.step ?? 0, tokens: resumeFrom?.tokens ?? 0 };
  let latest: Unrolled | undefined; // the latest window, while its subscription lasts
  let hidden = resumeFrom?.hidden; // the state after the windows of the subscriptions before
  let begunAt = NaN; // the count of steps when the latest window was unrolled
  const running = { unroll: false, optimize: false };
  if (resumeFrom) {
    if (resumeFrom.dropout) dropout.restore(resumeFrom.dropout);
    optimizer.restore(model, resumeFrom.optimizer);
    loadStateDict(model, resumeFrom.weights);
  }

  const unrollNext: Trainer['unroll'] = (window$) =>
    new Observable((subscriber) => {
      begin('unroll');
      // Before the tape is subscribed to: its buffers go back to the model after this.
      subscriber.add(() => {
        running.unroll = false;
        if (latest && latest.tape.passes > 0) hidden = latest.tape.state(); // its model may have been disposed
        latest = undefined;
      });
      const unrolled$ = window$.pipe(
        unrollFrom(model, hidden, dropout),
        map((unrolled) => {
          begunAt = counts.step;
          return (latest = unrolled);
        }),
      );
      return unrolled$.subscribe(subscriber);
    });

  const optimizeNext: Trainer['optimize'] = (differentiated$) =>
    defer(() => {
      begin('optimize');
      return differentiated$.pipe(
        map((differentiated) => {
          if (differentiated.tape === latest?.tape) return differentiated;
          throw new Error('trainer: optimize got a window that this run did not unroll; begin with its own unroll');
        }),
        optimizeFrom(model, optimizer, counts),
        finalize(() => (running.optimize = false)),
      );
    });

  /** Refuses a second subscription beside the first. */
  function begin(end: keyof typeof running): void {
    if (running[end]) {
      throw new Error(`trainer: ${end} is subscribed to already; a run learns one stream at a time, make one for each`);
    }
    running[end] = true;
  }

  return {
    learn: pipe(unrollNext, loss, backpropagate(model), clip, optimizeNext),
    unroll: unrollNext,
    optimize: optimizeNext,
    state() {
      if (begunAt === counts.step) {
        throw new Error(
          `trainer: the window after step ${counts.step} has been unrolled and not learned, so the run has no state; ` +
            'ask for it when a step arrives',
        );
      }
      const carried = latest?.tape.state() ?? hidden;
      if (!carried) throw new Error('trainer: the run has no state before its first step');
      return {
        configuration: model.configuration,
        ...counts,
        weights: stateDict(model),
        optimizer: optimizer.state(),
        hidden: carried,
        dropout: dropout.state(),
      };
    },
  };
}

/** Refuses unknown options, and values that are not stages. */
export function checkTrainOptions(who: string, options: TrainOptions): void {
  checkOptions(who, options, {
    optimizer: isOptimizer,
    loss: optional(callable),
    clip: optional(callable),
    dropout: anything,
    resumeFrom: anything,
  });
}

function isOptimizer(who: string, option: string, value: unknown): void {
  if (typeof (value as Partial<Optimizer> | undefined)?.update === 'function') return;
  throw new TypeError(`${who}: ${option} must be an optimizer such as adam(), got ${show(value)}`);
}
