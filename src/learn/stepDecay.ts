import { checkCount } from './checkCount.js';
import { exponentialDecay } from './exponentialDecay.js';
import type { Schedule } from './learningRate.js';
import { checkRange } from './checkRange.js';

/** The stairs of `stepDecay`: rates and factor from 0 up. */
export interface StepDecayOptions {
  /** The rate of the first updates. */
  readonly learningRate: number;
  /** Updates from one fall of the rate to the next. */
  readonly every: number;
  /** What the rate is multiplied by at each fall. */
  readonly factor: number;
}

/**
 * The rate `learningRate · factor^⌊update / every⌋`, as a running product. `torch.optim.lr_scheduler.StepLR`.
 * A RangeError for numbers below 0 and for an `every` that is no positive integer.
 */
export function stepDecay({ learningRate, every, factor }: StepDecayOptions): Schedule {
  checkRange('stepDecay', 'learningRate', learningRate, 0, Infinity);
  checkRange('stepDecay', 'factor', factor, 0, Infinity);
  checkCount('stepDecay', 'every', every, 1);
  const rates = exponentialDecay({ learningRate, factor });
  return (update) => rates(Math.floor(update / every));
}
