import { log } from '../kernel/math/log.js';
import type { Limit } from './thresholdOf.js';

const FEW = 100; // the quantile that is known while there are few values

/**
 * The quantile of the values so far. With fewer values than twice `oneIn` it is at least `margin` times what one in a hundred
 * is above. Before any value one in 2^n is taken to be above `scale` · n; that belief weighs as much as `oneIn` values above
 * nothing, and so fades as they come, but never entirely: at most 20 times `oneIn` values count, so that the limit stays above
 * `scale` · log2(oneIn / 21).
 */
export function quantileLimit(margin: number, scale: number): Limit {
  return (values, oneIn) => {
    const quantile = values.tail(oneIn).from;
    const least = values.count < 2 * oneIn ? values.tail(FEW).from * margin : 0;
    const believed = (scale * log(oneIn / (1 + values.known / oneIn))) / Math.LN2;
    return Math.max(quantile, least, believed);
  };
}
