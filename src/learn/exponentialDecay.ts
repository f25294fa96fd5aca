import { finite } from '../check/finite.js';
import { options as checkOptions } from '../check/options.js';
import type { Schedule } from './learningRate.js';

/** The curve of `exponentialDecay`: numbers from 0 up. */
export interface ExponentialDecayOptions {
  /** The rate of the first update. */
  readonly learningRate: number;
  /** The factor from each update's rate to the next. */
  readonly factor: number;
}

/**
 * The rate `learningRate · factor^update`, as a running product. `torch.optim.lr_scheduler.ExponentialLR`.
 * A RangeError for numbers below 0.
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  options = checkOptions('exponentialDecay', options, { learningRate: finite(0), factor: finite(0) });
  const { learningRate, factor } = options;
  let at = 0; // the last answer: the next one is a product away, and an earlier one starts over
  let rate = learningRate;
  return (update) => {
    if (update < at) {
      at = 0;
      rate = learningRate;
    }
    for (; at < update; at++) rate *= factor;
    return rate;
  };
}
