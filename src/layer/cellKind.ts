import type { Numbers } from '../types.js';
import type { NumbersByName, TapeContext } from './layer.js';

/**
 * One kind of recurrent cell: how many sums each hidden unit has, what it carries, and how sums become a state.
 *
 * Products, biases, padding, dropout, directions and layers are the same for all kinds: `recurrent` makes a layer of
 * any of them.
 */
export interface CellKind {
  /** Rows of its weight matrices per hidden unit: 4 for an LSTM. */
  readonly count: number;
  /** What it carries from step to step, `h`, its output, first. */
  readonly carried: readonly string[];
  /**
   * Whether the state before a step goes into its sums through a matrix, `weight_hh`, with `bias_hh`; true by default.
   * Without it a cell mixes its state number by number (minGRU).
   */
  readonly recurrentProduct?: boolean;
  /** Unrolls one layer of cells over the steps of windows, in one direction. */
  bind(context: CellContext): Cell;
}

/** One carried name over the steps of one direction. */
export interface CarriedState {
  /** `lanes × hidden` before step t, for each t. In a reverse direction that is after step t + 1. */
  readonly before: readonly Numbers[];
  /** `lanes × hidden` after step t, for each t. */
  readonly after: readonly Numbers[];
}

/** What a model gives one layer of cells to unroll itself over time. */
export interface CellContext extends Omit<TapeContext, 'weights'> {
  readonly hiddenSize: number;
  /** The carried numbers by name: `step` reads those before it and writes those after it. */
  readonly carried: Readonly<Record<string, CarriedState>>;
  /** `h` after all steps, `steps × lanes × hidden`: the same numbers as `carried['h'].after`. */
  readonly hidden: Numbers;
}

/** One layer of cells unrolled over the steps of a window. */
export interface Cell {
  /** `steps × lanes × count·hidden`: biases and products of the input, computed before `step`. */
  readonly sums: Numbers;
  /** The same of the state; `sums` itself where both are added up, and where the cell does not multiply the state. */
  readonly hiddenSums: Numbers;
  /** From the sums of step t to the state after it. */
  step(t: number): void;
  /**
   * Whether `step` and `stepBack` are calls of the kernel and nothing else, the same ones in every pass, so that a pass
   * can be repeated without them; `false` by default, as a loop of your own needs.
   */
  readonly repeats?: boolean;
  /** Makes the backward half; called once, before the first backward pass. */
  differentiate(context: CellGradientContext): CellGradients;
}

/** Where the gradients of one layer of cells are. */
export interface CellGradientContext {
  /** The gradient at `h` after every step, `steps × lanes × hidden`: complete at t when `stepBack(t)` is called. */
  readonly hiddenGradient: Numbers;
  /** The gradient at what else is carried, `lanes × hidden` by name: it runs back with the steps. */
  readonly carriedGradient: NumbersByName;
}

/** The backward half of a layer of cells. */
export interface CellGradients {
  /** The gradient at `sums`. */
  readonly sumsGradient: Numbers;
  /** The gradient at `hiddenSums`; `sumsGradient` itself where those are one array. */
  readonly hiddenSumsGradient: Numbers;
  /** From the gradient at the state after step t to those at its sums; adds to `before` what bypasses the sums. */
  stepBack(t: number, before: Numbers): void;
}
