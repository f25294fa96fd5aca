import type { TrainingStep } from '../types.js';
import type { Scored } from './stages.js';

/** What the means of a training step were divided by; `evaluate` adds up the losses of windows with the same. */
export interface StepWeights {
  /** What the mean loss of the window was divided by: its targets, or the sum of their weights. */
  readonly divisor: number;
  /** Of a `jointLoss`: the same for each head by name, and what its loss was multiplied by. */
  readonly heads?: Readonly<Record<string, { readonly divisor: number; readonly weight: number }>> | undefined;
}

/** Beside the steps, which stay plain JSON: they are printed, recorded and compared. */
const weights = new WeakMap<TrainingStep, StepWeights>();

/** Notes what the means of a step were divided by. */
export function noteStepWeights(step: TrainingStep, { count, divisor = count, heads }: Scored): void {
  const ofHeads = Object.entries(heads ?? {}).map(
    ([name, { count, divisor = count, weight }]) => [name, { divisor, weight }] as const,
  );
  weights.set(step, { divisor, heads: heads && Object.fromEntries(ofHeads) });
}

/** What the means of a step were divided by; undefined for copies and for steps that `optimize` did not make. */
export function stepWeights(step: TrainingStep): StepWeights | undefined {
  return weights.get(step);
}
