import type { OperatorFunction } from 'rxjs';
import { positiveInteger } from '../check/positiveInteger.js';
import { measure } from './measure.js';
import { rankOf } from './rankOf.js';
import type { Scored } from './stages.js';

/**
 * The share of target tokens that are among the `k` with the highest outputs: a measure for `evaluate` and `validate`.
 *
 * ```
 *   crossEntropy  --s0-----s1-----s2--|
 *   topK(5)       --------------------(k|)     k: from 0 to 1
 * ```
 *
 * `topK(1)` is `accuracy()`; `ranks` gives the place of each target. A TypeError for targets that are numbers.
 */
export function topK(k: number): OperatorFunction<Scored, number> {
  positiveInteger('topK', 'k', k);
  return measure('topK', (scored) => (rankOf('topK', scored) <= k ? 1 : 0));
}
