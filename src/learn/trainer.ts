import {
  defer,
  finalize,
  map,
  type MonoTypeOperatorFunction,
  Observable,
  type OperatorFunction,
  pipe,
  tap,
} from 'rxjs';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { listNames } from '../check/listNames.js';
import { isTensor, tensorText } from '../model/isTensor.js';
import { showName } from '../check/showName.js';
import { loadStateDict } from '../model/loadStateDict.js';
import { checkModel } from '../model/checkModel.js';
import type { Model } from '../model/model.js';
import { stateDict } from '../model/stateDict.js';
import type { Random } from '../random/random.js';
import { seeded } from '../random/seeded.js';
import type { State, TrainingStep, Window } from '../types.js';
import { backpropagate } from './backpropagate.js';
import { clipGradNorm } from './clipGradNorm.js';
import { checkLayers } from './checkLayers.js';
import { crossEntropy } from './crossEntropy.js';
import { checkGenerator } from './checkGenerator.js';
import { checkOptimizer } from './checkOptimizer.js';
import { checkTrainingState } from './checkTrainingState.js';
import { type Counts, optimizeFrom } from './optimize.js';
import { stage } from './stage.js';
import type { TrainingState } from './trainingState.js';
import type { Optimizer } from './optimizer.js';
import type { Differentiated, Scored, Unrolled } from './stages.js';
import { unrollFrom } from './unroll.js';

/** The stages of a training run, and where it begins. */
export interface TrainOptions {
  /** What moves the parameters; each model needs one of its own. */
  readonly optimizer: Optimizer;
  /** `crossEntropy()` by default. */
  readonly loss?: OperatorFunction<Unrolled, Scored> | undefined;
  /** `clipGradNorm(5)` by default; rxjs's `identity` for none. */
  readonly clip?: MonoTypeOperatorFunction<Differentiated> | undefined;
  /** The generator that layers with dropout draw from; `seeded(0)` by default. */
  readonly dropoutRandom?: Random | undefined;
  /**
   * Where the run begins: a `state()` of an earlier one, usually read from a checkpoint. Weights, optimizer, hidden
   * state, dropout and counts continue from there; the windows must, too. By default the run begins at step 0.
   */
  readonly resumeFrom?: TrainingState | undefined;
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
 * state, the counts and the rest; two at the same time are an Error. Where `take` cuts the first short, join the two by
 * `concat`, since the first lasts until its `complete` handler has returned. `train` is the short form, each of whose
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
 * A run whose windows end before its first step has learned nothing: `learn` ends with a RangeError. One that has made
 * steps, in an earlier subscription or before it was resumed, may find no window left and completes.
 *
 * A window that failed is not learned, and a later subscription continues after it; `state()` is an Error until a
 * window has been learned again. TypeErrors and RangeErrors at once: invalid options, and a `resumeFrom` that
 * does not fit the model, the optimizer or the generator. Shares of dropout, frozen parameters and the dtype may differ.
 */
export function trainer(model: Model, options: TrainOptions): Trainer {
  return makeTrainer('trainer', model, options);
}

/** Makes a run whose errors name `who`. */
export function makeTrainer(who: string, model: Model, options: TrainOptions): Trainer {
  checkModel(who, 'model', model);
  options = checkTrainOptions(who, options);
  const { optimizer, loss = crossEntropy(), clip = clipGradNorm(5), dropoutRandom = seeded(0), resumeFrom } = options;
  const counts: Counts = { step: resumeFrom?.step ?? 0, tokens: resumeFrom?.tokens ?? 0 };
  let latest: Unrolled | undefined; // the latest window, while its subscription lasts
  let hidden = resumeFrom?.hidden; // the state after the windows of the subscriptions before
  let begunAt = NaN; // the count of steps when the latest window was unrolled
  const running: { unroll?: () => void; optimize?: () => void } = {}; // what ends the subscription to each, while it lasts
  if (resumeFrom) resume(who, model, optimizer, dropoutRandom, resumeFrom);

  const unrollNext: Trainer['unroll'] = (window$) =>
    new Observable((subscriber) => {
      const end = begin('unroll', () => {
        if (latest && latest.tape.passes > 0) hidden = latest.tape.state(); // its model may have been disposed
        latest = undefined;
      });
      // Before the tape is subscribed to: its buffers go back to the model after this.
      subscriber.add(end);
      const unrolled$ = window$.pipe(
        unrollFrom(model, hidden, dropoutRandom),
        map((unrolled) => {
          begunAt = counts.step;
          return (latest = unrolled);
        }),
        tap({ complete: end, error: end }),
      );
      return unrolled$.subscribe(subscriber);
    });

  const optimizeNext: Trainer['optimize'] = (differentiated$) =>
    defer(() => {
      const end = begin('optimize');
      return differentiated$.pipe(
        map((differentiated) => {
          if (differentiated.tape === latest?.tape) return differentiated;
          throw new Error(`${who}: optimize got a window that this run did not unroll; begin with its own unroll`);
        }),
        optimizeFrom(model, optimizer, counts),
        // An error of a stage in between arrives here first, and `unroll` is unsubscribed only after it was passed on.
        tap({ complete: end, error: () => (running.unroll?.(), end()) }),
        finalize(end),
      );
    });

  /**
   * Begins a subscription, and refuses another at the same time. Returns the function that ends it; this is called
   * before the end is passed on, so that the run can be continued there.
   */
  function begin(stage: keyof typeof running, whenEnded?: () => void): () => void {
    if (running[stage]) {
      throw new Error(
        `${who}: ${stage} is subscribed to already; a run learns one stream at a time. Make a run for each, or join ` +
          'the streams by concat: a subscription that take cuts short lasts until its complete handler has returned',
      );
    }
    const end = (): void => {
      if (running[stage] !== end) return;
      delete running[stage];
      whenEnded?.();
    };
    return (running[stage] = end);
  }

  /**
   * Refuses an end before the first step of the run, or before its first target; one that is resumed at the end of its
   * corpus has had both.
   */
  function checkLearned(): void {
    if (counts.tokens > 0) return;
    if (counts.step > 0) {
      throw new RangeError(
        `${who}: no target of the ${counts.step} windows counts, so nothing was learned; is there a 1 in mask and ` +
          'targetMask, and is ignoreIndex another token than the targets?',
      );
    }
    throw new RangeError(
      `${who}: the windows ended before the first one, so nothing was learned; is the corpus empty, or too short? ` +
        'windows needs at least two tokens in each lane, seriesWindows a row and those of its horizon',
    );
  }

  return {
    learn: pipe(
      unrollNext,
      stage(who, 'loss', loss),
      backpropagate(model),
      stage(who, 'clip', clip),
      optimizeNext,
      tap({ complete: checkLearned }),
    ),
    unroll: unrollNext,
    optimize: optimizeNext,
    state() {
      if (begunAt === counts.step) {
        throw new Error(
          `${who}: the window after step ${counts.step} has been unrolled and not learned, so the run has no state; ` +
            'ask for it when a step arrives',
        );
      }
      const carried = latest?.tape.state() ?? hidden;
      if (!carried) throw new Error(`${who}: the run has no state before its first step`);
      return {
        configuration: model.configuration,
        ...counts,
        weights: stateDict(model),
        optimizer: optimizer.state(),
        hidden: carried,
        dropoutRandom: dropoutRandom.state(),
      };
    },
  };
}

/** Sets everything to the state of a run, or changes nothing where anything of it does not fit. */
function resume(who: string, model: Model, optimizer: Optimizer, dropoutRandom: Random, state: TrainingState): void {
  const before = { weights: model.weights.numbers.slice(), dropoutRandom: dropoutRandom.state() };
  try {
    if (state.dropoutRandom) dropoutRandom.restore(state.dropoutRandom);
    loadStateDict(model, state.weights);
    checkLayers(who, model, state);
    checkHidden(who, model, state.hidden);
    optimizer.restore(model, state.optimizer);
  } catch (error) {
    dropoutRandom.restore(before.dropoutRandom);
    model.weights.numbers.set(before.weights); // whatever they were
    model.kernel.weightsChanged();
    throw error;
  }
}

/** Throws a RangeError unless a hidden state is one of the model, of any number of lanes. */
function checkHidden(who: string, model: Model, hidden: State): void {
  const own = model.zeroState();
  const missing = [...own.keys()].filter((name) => !hidden.has(name));
  const unknown = [...hidden.keys()].filter((name) => !own.has(name));
  if (missing.length > 0) throw new RangeError(`${who}: the hidden state of resumeFrom misses ${listNames(missing)}`);
  if (unknown.length > 0) throw new RangeError(`${who}: the model has no hidden state ${listNames(unknown)}`);
  const lanes = [...hidden.values()].find(isTensor)?.shape[1];
  for (const [
    name,
    {
      shape: [depth, , size],
    },
  ] of own) {
    const given = hidden.get(name);
    const fits = isTensor(given) && given.shape.join() === [depth, lanes, size].join();
    if (fits && given.data.length === depth! * lanes! * size!) continue;
    throw new RangeError(
      `${who}: the hidden state ${showName(name)} must have shape [${depth}, lanes, ${size}], got ${tensorText(given)}`,
    );
  }
}

/** Refuses unknown options, and values that are not stages. */
export function checkTrainOptions(who: string, options: TrainOptions): TrainOptions {
  return checkOptions(who, options, {
    optimizer: checkOptimizer,
    loss: optional(callable),
    clip: optional(callable),
    dropoutRandom: optional(checkGenerator),
    resumeFrom: optional(checkTrainingState),
  });
}
