import type { OperatorFunction } from 'rxjs';
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

/** Reads the outputs of a head. */
interface RowHeadReader {
  /** Outputs per target. */
  readonly count: number;
  /** The loss that trains it. */
  loss(): OperatorFunction<Unrolled, Scored>;
  /** What its outputs say of `width` targets. */
  read(outputs: Numbers, width: number): Expected;
  /**
   * How surprising a row is, in bits, summed over its columns; it is below 0 where the density of a Gaussian head is above
   * 1. Absent where the head is a value.
   */
  bits?(expected: Expected, row: ArrayLike<number>): number;
}

/** Makes what reads the outputs of a head. */
export function rowHead(head: RowHead): RowHeadReader {
  if (head === 'value') return VALUE;
  return head === 'gaussian' ? GAUSSIAN : quantileHead(head);
}

const VALUE: RowHeadReader = {
  count: 1,
  loss: squaredError,
  read: (outputs, width) => ({ predicted: partOf(outputs, 0, width) }),
};

/** That of `gaussianNll`'s least variance. */
const LEAST_DEVIATION = 1e-3;

/** Bits are −log2 of the density. */
const GAUSSIAN: RowHeadReader = {
  count: 2,
  loss: gaussianNll,
  read: (outputs, width) => ({
    predicted: partOf(outputs, 0, width),
    deviation: partOf(outputs, 1, width).map((s) => exp(s / 2)),
  }),
  bits({ predicted, deviation }, row) {
    let bits = 0;
    for (let d = 0; d < row.length; d++) {
      const spread = Math.max(deviation![d]!, LEAST_DEVIATION);
      const z = (row[d]! - predicted[d]!) / spread;
      bits += (0.5 * z * z + log(spread) + 0.5 * log(2 * Math.PI)) / Math.LN2;
    }
    return bits;
  },
};

/** Bits are −log2 of the share of the interval between two quantiles that a number lies in. */
function quantileHead(shares: readonly number[]): RowHeadReader {
  let median = 0; // the place of the one that is nearest to it
  for (const [i, q] of shares.entries()) if (Math.abs(q - 0.5) < Math.abs(shares[median]! - 0.5)) median = i;
  return {
    count: shares.length,
    loss: () => quantileLoss({ quantiles: shares }),
    read(outputs, width) {
      const quantiles = shares.map((_, i) => partOf(outputs, i, width));
      return { predicted: quantiles[median]!, quantiles };
    },
    bits({ quantiles }, row) {
      let bits = 0;
      for (let d = 0; d < row.length; d++) {
        let below = 0; // how many quantiles the number is above
        while (below < shares.length && row[d]! > quantiles![below]![d]!) below++;
        bits -= log((shares[below] ?? 1) - (below > 0 ? shares[below - 1]! : 0)) / Math.LN2;
      }
      return bits;
    },
  };
}

/** The outputs of one kind for all targets. */
function partOf(outputs: Numbers, kind: number, width: number): number[] {
  return Array.from(outputs.subarray(kind * width, (kind + 1) * width));
}
