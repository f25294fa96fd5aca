import type { OperatorFunction } from 'rxjs';
import { show } from '../check/show.js';
import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';
import { gaussianNll } from '../learn/gaussianNll.js';
import { quantileLoss } from '../learn/quantileLoss.js';
import { squaredError } from '../learn/squaredError.js';
import type { Scored, Unrolled } from '../learn/stages.js';
import type { Numbers } from '../types.js';

/**
 * What the outputs of a model of numbers are. `value`: the number expected for each target. `gaussian`: the means of all
 * targets, then the logarithms of their variances, as `gaussianNll` trains them. A list of quantiles: the first of each
 * target, then the second of each, and so on, as `quantileLoss` trains them.
 */
export type RowHead = 'value' | 'gaussian' | readonly number[];

/** What a model expects of one row, or of several one after another. */
export interface Expected {
  /** The number expected: a value, a mean, or the quantile that is nearest to the median. */
  readonly predicted: number[];
  /** Standard deviations; from a Gaussian head only. */
  readonly deviation?: number[];
  /** A row per quantile, in the order of the head; from quantiles only. */
  readonly quantiles?: number[][];
}

/** Refuses what is not a head. */
export function checkHead(who: string, option: string, head: unknown): void {
  if (head === 'value' || head === 'gaussian') return;
  const listed = Array.isArray(head) && head.length > 0;
  if (listed && head.every((q, i) => q > 0 && q < 1 && (i === 0 || q > head[i - 1]))) return;
  throw new RangeError(
    `${who}: ${option} must be value, gaussian or ascending quantiles between 0 and 1, got ${show(head)}`,
  );
}

/** Outputs per target. */
export function headCount(head: RowHead): number {
  return typeof head === 'string' ? (head === 'value' ? 1 : 2) : head.length;
}

/** The loss that trains a head. */
export function headLoss(head: RowHead): OperatorFunction<Unrolled, Scored> {
  if (head === 'value') return squaredError();
  return head === 'gaussian' ? gaussianNll() : quantileLoss({ quantiles: head });
}

/** Reads the outputs of a head for `width` targets. */
export function readHead(head: RowHead, outputs: Numbers, width: number): Expected {
  const part = (i: number): number[] => Array.from(outputs.subarray(i * width, (i + 1) * width));
  if (head === 'value') return { predicted: part(0) };
  if (head === 'gaussian') return { predicted: part(0), deviation: part(1).map((s) => exp(s / 2)) };
  const quantiles = head.map((_, i) => part(i));
  return { predicted: quantiles[medianOf(head)]!, quantiles };
}

/** The place of the quantile that is nearest to the median. */
function medianOf(quantiles: readonly number[]): number {
  let best = 0;
  for (const [i, q] of quantiles.entries()) if (Math.abs(q - 0.5) < Math.abs(quantiles[best]! - 0.5)) best = i;
  return best;
}

/**
 * How surprising a row is, in bits, summed over its columns: −log2 of the density of a Gaussian head, which is below 0
 * where that is above 1; of quantiles −log2 of the share of the interval between two of them that the number lies in.
 * `undefined` where the head is a value.
 */
export function rowBits(
  head: RowHead,
  { predicted, deviation, quantiles }: Expected,
  row: ArrayLike<number>,
): number | undefined {
  if (head === 'value') return undefined;
  let bits = 0;
  for (let d = 0; d < row.length; d++) {
    if (head === 'gaussian') {
      const spread = Math.max(deviation![d]!, LEAST_DEVIATION);
      const z = (row[d]! - predicted[d]!) / spread;
      bits += (0.5 * z * z + log(spread) + 0.5 * log(2 * Math.PI)) / Math.LN2;
    } else {
      let below = 0; // how many quantiles the number is above
      while (below < head.length && row[d]! > quantiles![below]![d]!) below++;
      bits -= log((head[below] ?? 1) - (below > 0 ? head[below - 1]! : 0)) / Math.LN2;
    }
  }
  return bits;
}

/** That of `gaussianNll`'s least variance. */
const LEAST_DEVIATION = 1e-3;
