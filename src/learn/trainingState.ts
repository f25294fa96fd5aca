import { stateDict } from '../model/stateDict.js';
import type { RandomState } from '../random/random.js';
import type { State, Tensors, TrainingStep } from '../types.js';
import type { OptimizerState } from './optimizer.js';
import { dropoutOf, runOf } from './runs.js';

/** Where a training run stands between two windows: all that the next step's bits depend on, but for the windows. */
export interface TrainingState {
  /** What to build the model from: its `configuration`. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** Updates so far. */
  readonly step: number;
  /** Targets learned so far. */
  readonly tokens: number;
  /** Copies of the parameters, as `stateDict` gives them. */
  readonly weights: Tensors;
  /** Where the optimizer stands, its moments among it. */
  readonly optimizer: OptimizerState;
  /** The hidden state after the last window. */
  readonly hidden: State;
  /** Where the generator stands that dropout draws from; absent where the run was given none. */
  readonly dropout?: RandomState | undefined;
}

/**
 * Copies out where the run stands that has just emitted this step, for `train(model, { resumeFrom })`.
 *
 * ```
 *   train  --t0-----t1-----t2--|     trainingState(t1) while t1 is the latest: after its update, before window 2
 * ```
 *
 * The step must be the very object that `optimize`, `train` or `validate` emitted, and the latest of a run that has not
 * ended: an Error for any other, since its numbers are gone.
 */
export function trainingState(step: TrainingStep): TrainingState {
  const run = runOf(step);
  if (!run?.latest || run.latest.tape.passes !== run.latest.pass) {
    throw new Error(
      `trainingState: step ${step.step} is not the latest of a run that goes on, or it is a copy: its numbers are gone; ` +
        'between train and here every stage must be synchronous, and whatever copies or maps steps stand behind',
    );
  }
  const { model, optimizer, latest } = run;
  return {
    configuration: model.configuration,
    step: step.step,
    tokens: step.tokens,
    weights: stateDict(model),
    optimizer: optimizer.state(),
    hidden: latest.tape.state(),
    dropout: dropoutOf(latest.tape)?.state(),
  };
}
