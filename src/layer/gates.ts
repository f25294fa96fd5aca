import type { Kernel } from '../kernel/kernel.js';
import type { Numbers } from '../types.js';

/**
 * What one kind of cell brings to a recurrent layer: how many sums a hidden unit has, what it carries, and how sums
 * become a state. Products, biases, directions and layers are the same for all kinds and stand in `direction`.
 */
export interface Gates {
  /** Rows of its weight matrices a hidden unit. */
  readonly count: number;
  /** What it carries from step to step, `h` first. */
  readonly carried: readonly string[];
  lay(place: GatesPlace): GatesTape;
}

/** One carried name over the steps of one direction. */
export interface Track {
  /** `lanes × hidden` before and after step t: in a reverse direction, before is what stands at t + 1. */
  readonly before: readonly Numbers[];
  readonly after: readonly Numbers[];
  /** The gradient at the carried numbers: for all but `h` it runs back with the steps. */
  readonly gradient: Numbers;
}

interface GatesPlace {
  readonly kernel: Kernel;
  readonly steps: number;
  readonly lanes: number;
  readonly hiddenSize: number;
  readonly tracks: Readonly<Record<string, Track>>;
  /** `h` after each step, `steps × lanes × hidden`. */
  readonly output: Numbers;
  /** The gradient at `output`, and the same by steps: complete at t when `stepBack(t)` is called. */
  readonly outputGradient: Numbers;
  readonly outputGradients: readonly Numbers[];
}

interface GatesTape {
  /** `steps × lanes × count·hidden`: biases and products of the input, made before `step`. */
  readonly sums: Numbers;
  /** The same of the state; `sums` itself where both are added up. */
  readonly hiddenSums: Numbers;
  readonly sumsGradient: Numbers;
  readonly hiddenSumsGradient: Numbers;
  /** From the sums of step t to the state after it. */
  step(t: number): void;
  /** From the gradient at the state after step t to those at its sums; adds to `before` what goes past them. */
  stepBack(t: number, before: Numbers): void;
}
