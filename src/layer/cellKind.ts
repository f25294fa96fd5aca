import type { Random } from '../random/random.js';
import type { Numbers } from '../types.js';
import type { LayerInput, NumbersByName, Parameter, TapeContext } from './layer.js';

/**
 * One kind of recurrent cell: how many sums each hidden unit has, what it carries, and how sums become a state.
 *
 * Products, biases, padding, dropout, directions and layers are the same for all kinds: `recurrent` makes a layer of
 * any of them. A kind whose sums are other than torch's, `W_ih x + b_ih + W_hh h + b_hh`, brings `parameters` and
 * `sums` of its own.
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
  /** Whether what `bind` allocates is in rows, see `LayerTape`; `false` by default. Of `sums` of its own it says the same. */
  readonly inRows?: boolean;
  /** The parameters of one layer in one direction, in order, without the layer's suffix; torch's by default. */
  parameters?(sizes: CellSizes): readonly Parameter[];
  /** Unrolls what computes its sums; torch's by default. */
  sums?(context: SumsContext): Sums;
  /** Unrolls one layer of cells over the steps of windows, in one direction. */
  bind(context: CellContext): Cell;
}

/** The sizes of one layer in one direction, and how it begins. */
export interface CellSizes {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly bias: boolean;
  /** Whether the square blocks of recurrent weights are orthogonal at first. */
  readonly orthogonal: boolean;
  /** Whether the input is the sums themselves, without a weight; false by default. */
  readonly direct?: boolean;
}

/** One carried name over the steps of one direction. */
export interface CarriedState {
  /** `lanes × hidden` before step t, for each t. In a reverse direction that is after step t + 1. */
  readonly before: readonly Numbers[];
  /** `lanes × hidden` after step t, for each t. */
  readonly after: readonly Numbers[];
}

/** What a model gives one layer of cells to unroll itself over time. */
export interface CellContext extends TapeContext {
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
  /** The state's, in the same shape; `sums` itself where a cell adds both up, and where it does not multiply the state. */
  readonly hiddenSums: Numbers;
  /** Computes what needs no state for all steps of a window at once, after their sums of the input and before `step`. */
  beforeSteps?(steps: number): void;
  /** Computes the state after step t from its sums. */
  step(t: number): void;
  /**
   * Whether `step` and `stepBack` only call the kernel, with the same calls in every pass, so that the kernel may replay
   * those without them. `false` by default: a cell with a loop of its own must run.
   */
  readonly repeats?: boolean;
  /** Makes the backward half; called once, before the first backward pass. */
  differentiate(context: CellGradientContext): CellGradients;
}

/** Gradients that come to one layer of cells from above and from later steps. */
export interface CellGradientContext {
  /** Those of the parameters, by name without the layer's suffix: the cell adds to those that its sums do not. */
  readonly gradients: NumbersByName;
  /** The gradient at `h` after every step, `steps × lanes × hidden`: complete at t when `stepBack(t)` is called. */
  readonly hiddenGradient: Numbers;
  /** The gradient at each other carried name, `lanes × hidden`: it goes back step by step. */
  readonly carriedGradient: NumbersByName;
}

/** The backward half of a layer of cells. */
export interface CellGradients {
  /** The gradient at `sums`. */
  readonly sumsGradient: Numbers;
  /** The gradient at `hiddenSums`; `sumsGradient` itself where those are one array. */
  readonly hiddenSumsGradient: Numbers;
  /** Computes the gradients at the sums of step t from those at the state after it; adds to `before` what bypasses them. */
  stepBack(t: number, before: Numbers): void;
  /** Goes back through `beforeSteps`, after the last `stepBack`. */
  afterSteps?(steps: number): void;
}

/** What the sums of one layer of cells are computed from and written to. */
export interface SumsContext extends TapeContext {
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** The cell's. */
  readonly sums: Numbers;
  readonly hiddenSums: Numbers;
  /** `h`, by step. */
  readonly state: CarriedState;
  /** `h` before all steps, `steps × lanes × hidden`: the same numbers as `state.before`. */
  readonly stateBefore: Numbers;
  /** The share of the state that the recurrent product does not see while learning. */
  readonly recurrentDropout: number;
}

/** The sums of a layer of cells over the steps of a window. */
export interface Sums {
  /** Whether both halves only call the kernel, as those of a `Cell`. */
  readonly repeats: boolean;
  /** Computes the input's part of the sums of all steps; `random` is what dropout draws from while learning. */
  ofInput(input: LayerInput, steps: number, random: Random | undefined): void;
  /** Adds the state's part of step t. Absent: it has none. */
  ofState?(t: number): void;
  /** Makes the backward half; called once, before the first backward pass. */
  differentiate(context: SumsGradientContext): SumsGradients;
}

/** The gradients at the sums of a layer of cells. */
export interface SumsGradientContext {
  /** Those of the parameters, by name without the layer's suffix: to be added to. */
  readonly gradients: NumbersByName;
  /** The gradient at `sums`. */
  readonly sumsGradient: Numbers;
  /** The gradient at `hiddenSums`. */
  readonly hiddenSumsGradient: Numbers;
}

/** The backward half of sums. */
export interface SumsGradients {
  /** Adds to `before`, the gradient at the state before step t, what the gradient at its sums gives. */
  ofState?(t: number, before: Numbers): void;
  /** Adds to the gradients of the parameters and, where there is an array for it, to the gradient at the input. */
  ofInput(input: LayerInput, inputGradient: Numbers | undefined, steps: number): void;
}
