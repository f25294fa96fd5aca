import type { RandomState } from '../random/random.js';
import type { State, Tensors } from '../types.js';
import type { OptimizerState } from './optimizer.js';

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
  readonly dropoutRandom?: RandomState | undefined;
}
