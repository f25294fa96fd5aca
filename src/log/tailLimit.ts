import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';
import type { Limit } from './thresholdOf.js';

const TAIL = 30; // one value in so many is of the tail
const BELIEF = 8; // excesses that the belief weighs as much as

/**
 * The quantile that the tail of the values so far is continued to: how far values are above what one in 30 is above, their
 * excess, is exponential. `scale` is what its mean is believed to be before any came; the belief has the form of eight excesses,
 * a Gamma distribution of the rate, so that the next excess has a Lomax distribution. Of values that overlap, such as moving
 * means, `overlap` say as much as one. The limit is never below the quantile of the values so far.
 *
 * Source: peaks over a threshold, as in Siffer et al. 2017, Anomaly Detection in Streams with Extreme Value Theory.
 */
export function tailLimit(scale: number, overlap: number): Limit {
  return (values, oneIn) => {
    const begin = Math.min(TAIL, oneIn);
    const { from, weight, excess } = values.tail(begin);
    const count = BELIEF + weight / overlap;
    const sum = BELIEF * scale + excess / overlap;
    const farther = exp(log(oneIn / begin) / count) - 1; // (1 + excess / sum)^−count is begin / oneIn
    return Math.max(from + sum * farther, values.tail(oneIn).from);
  };
}
