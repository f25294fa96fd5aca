import { finite } from '../check/finite.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { exponentialDecay } from './exponentialDecay.js';
import type { Schedule } from './learningRate.js';

/** The steps of `stepDecay`: rates and factor from 0 up. */
export interface StepDecayOptions {
  /** The rate of the first updates. */
  readonly learningRate: number;
  /** Updates between two changes of the rate. */
  readonly every: number;
  /** What the rate is multiplied by at each change. */
  readonly factor: number;
}

/**
 * The rate `learningRate · factor^⌊update / every⌋`, as a running product. `torch.optim.lr_scheduler.StepLR`.
 * A RangeError for numbers below 0 and for an `every` that is not a positive integer.
 */
export function stepDecay(options: StepDecayOptions): Schedule {
  options = checkOptions('stepDecay', options, { learningRate: finite(0), factor: finite(0), every: positiveInteger });
  const { learningRate, every, factor } = options;
  const rates = exponentialDecay({ learningRate, factor });
  return (update) => rates(Math.floor(update / every));
}
