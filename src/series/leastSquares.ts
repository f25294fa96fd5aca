import type { OperatorFunction } from 'rxjs';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { orInfinity } from '../check/orInfinity.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { operator } from '../flow/operator.js';
import type { Tensor } from '../types.js';
import { checkRow, type SeriesRow } from './checkRow.js';
import { choleskySolve } from './choleskySolve.js';

/** Which linear map is fitted, and how it is held back. */
export interface LeastSquaresOptions {
  /** Steps before the last that are looked at. */
  readonly steps: number;
  /** Steps ahead that are predicted; 1 by default. */
  readonly horizon?: number;
  /**
   * How strongly weights are held to 0: the penalty of the square of the farthest weight, in rows of scaled data; nearer
   * ones have less, in proportion to their distance. 100 by default.
   */
  readonly ridge?: number;
  /**
   * How strongly the map of each column is held to the one that is best for all columns, likewise; 0 (the default) leaves
   * each its own, `Infinity` gives all the same.
   */
  readonly shrink?: number;
}

/** The parameters of an `autoregression` with a map per column. */
export interface LinearMap {
  /** `[columns · horizon, steps]`. */
  readonly weight: Tensor;
  /** `[columns · horizon]`. */
  readonly bias: Tensor;
}

/**
 * Fits the linear map from the last steps of a series to the next ones that has the least squared error: a fold over its
 * rows, emitted once when they complete. Its numbers are those of an `autoregression`.
 *
 * ```
 * rows                     -r-r-r-r-|
 * leastSquares({ steps })  ---------(m|)     m: { weight, bias }
 * ```
 *
 * The rows should be scaled, so that the penalties mean the same for every column. Rows far from 0 lose nothing: their
 * first is taken from all. The products of all pairs of lags follow from those with the farthest one and from the first
 * and last rows, so that time is `rows · (steps + horizon)` for each column, and memory `(steps + horizon)²`, whatever
 * the number of rows. Ridge regression: Hoerl and Kennard, 1970. A RangeError for a series of fewer than `steps + horizon
 * + 1` rows, and for rows so large that their products overflow; errors for what is not a row of finite numbers.
 *
 * ```ts
 * import { of } from 'rxjs';
 * import { leastSquares } from 'rxrnn';
 *
 * of([1], [2], [4], [8], [16], [32])
 *   .pipe(leastSquares({ steps: 1, ridge: 1e-9 }))
 *   .subscribe(({ weight }) => console.log(weight.data[0]!.toFixed(2))); // -> -2.00
 * // the next is x − 2 (before − x), where before is x / 2
 * ```
 */
export function leastSquares(given: LeastSquaresOptions): OperatorFunction<SeriesRow, LinearMap> {
  given = options('leastSquares', given, {
    steps: positiveInteger,
    horizon: optional(positiveInteger),
    ridge: optional(finite(0)),
    shrink: optional(orInfinity(finite(0))),
  });
  const { steps, horizon = 1, ridge = 100, shrink = 0 } = given;
  const span = steps + horizon + 1; // rows from the farthest lag to the last target

  return operator((subscriber) => {
    let size = 0;
    let count = 0;
    let moments: LagMoments[] = [];
    return {
      next(row) {
        size = checkRow('leastSquares', count, row, size);
        if (count === 0) moments = Array.from({ length: size }, () => lagMoments(span));
        for (const [d, column] of moments.entries()) column.add(row[d]!);
        count += 1;
      },
      complete() {
        if (count < span) {
          throw new RangeError(
            `leastSquares: needs at least steps + horizon + 1 = ${span} rows, the series has ${count}`,
          );
        }
        const weight = new Float64Array(size * horizon * steps);
        const bias = new Float64Array(size * horizon);
        const own = moments.map((column) => normalEquations(column, steps, horizon));
        const shared = shrink > 0 ? solve(sumOf(own), ridge, undefined, 0) : undefined;
        for (const [d, equations] of own.entries()) {
          const map = shrink === Infinity ? shared! : solve(equations, ridge, shared, shrink);
          weight.set(map, d * horizon * steps);
          const { rows, features, targets } = equations;
          for (let h = 0; h < horizon; h++) {
            let sum = targets[h]!;
            for (let k = 0; k < steps; k++) sum -= map[h * steps + k]! * features[k]!;
            bias[d * horizon + h] = sum / rows;
          }
        }
        if (!weight.every(Number.isFinite) || !bias.every(Number.isFinite)) {
          throw new RangeError('leastSquares: products of the rows are not finite; scale the rows first');
        }
        subscriber.next({
          weight: { shape: [size * horizon, steps], data: weight },
          bias: { shape: [size * horizon], data: bias },
        });
        subscriber.complete();
      },
    };
  });
}

/** Sums of products of a column with itself, shifted, over all places where a window of `span` rows fits. */
interface LagMoments {
  add(x: number): void;
  /** Places so far. */
  readonly places: number;
  /** The sums of `x[i]` and of `x[i] · x[j]`, i and j counted from the start of the window. */
  result(): { readonly sums: Float64Array; readonly products: Float64Array };
}

function lagMoments(span: number): LagMoments {
  const head = new Float64Array(span); // the first rows
  const ring = new Float64Array(span); // the last ones; the oldest is at `count % span`
  const sums = new Float64Array(span);
  const first = new Float64Array(span); // products with the first row of the window
  let count = 0;
  let origin = 0; // taken from each row: maps are of differences, and products of numbers far from 0 lose the digits of those
  return {
    add(x) {
      if (count < span) head[count] = x;
      ring[count % span] = x - origin;
      count += 1;
      if (count < span) return;
      if (count === span && farFromZero(head)) {
        origin = head[0]!;
        for (let i = 0; i < span; i++) ring[i] = head[i] = head[i]! - origin;
      }
      const start = count % span;
      const oldest = ring[start]!;
      for (let i = 0, at = start; i < span; i++, at = at + 1 === span ? 0 : at + 1) {
        sums[i]! += ring[at]!;
        first[i]! += oldest * ring[at]!;
      }
    },
    get places() {
      return count - span + 1;
    },
    result() {
      const tail = Float64Array.from({ length: span }, (_, i) => ring[(count + i) % span]!);
      const products = new Float64Array(span * span);
      for (let j = 0; j < span; j++) products[j] = products[j * span] = first[j]!;
      // a shift by one row loses the pair at the first place and gains the one after the last
      for (let i = 1; i < span; i++) {
        for (let j = i; j < span; j++) {
          const before = products[(i - 1) * span + j - 1]!;
          const shifted = before - head[i - 1]! * head[j - 1]! + tail[i]! * tail[j]!;
          products[i * span + j] = products[j * span + i] = shifted;
        }
      }
      return { sums, products };
    },
  };
}

/** Whether numbers differ by less than a hundredth of their size. */
function farFromZero(numbers: Float64Array): boolean {
  let [least, largest] = [Infinity, -Infinity];
  for (const x of numbers) [least, largest] = [Math.min(least, x), Math.max(largest, x)];
  return largest - least < Math.max(Math.abs(least), Math.abs(largest)) / 100;
}

/** The normal equations of one column, or of several added up; features and targets are relative to the last value. */
interface Equations {
  readonly steps: number;
  readonly horizon: number;
  readonly rows: number;
  /** Sums of the features, the nearest lag first, and of the targets. */
  readonly features: Float64Array;
  readonly targets: Float64Array;
  /** `steps × steps` and `horizon × steps`, around the means. */
  readonly square: Float64Array;
  readonly mixed: Float64Array;
}

function normalEquations(column: LagMoments, steps: number, horizon: number): Equations {
  const { sums, products } = column.result();
  const span = sums.length;
  const rows = column.places;
  const last = steps; // its place in the window
  const relative = (i: number, j: number): number =>
    products[i * span + j]! - products[i * span + last]! - products[last * span + j]! + products[last * span + last]!;
  const features = Float64Array.from({ length: steps }, (_, k) => sums[last - 1 - k]! - sums[last]!);
  const targets = Float64Array.from({ length: horizon }, (_, h) => sums[last + 1 + h]! - sums[last]!);
  const square = new Float64Array(steps * steps);
  const mixed = new Float64Array(horizon * steps);
  for (let k = 0; k < steps; k++) {
    for (let j = 0; j < steps; j++) {
      square[k * steps + j] = relative(last - 1 - k, last - 1 - j) - (features[k]! * features[j]!) / rows;
    }
    for (let h = 0; h < horizon; h++) {
      mixed[h * steps + k] = relative(last + 1 + h, last - 1 - k) - (targets[h]! * features[k]!) / rows;
    }
  }
  return { steps, horizon, rows, features, targets, square, mixed };
}

function sumOf(all: readonly Equations[]): Equations {
  const add = (pick: (one: Equations) => Float64Array): Float64Array =>
    pick(all[0]!).map((_, i) => all.reduce((sum, one) => sum + pick(one)[i]!, 0));
  const { steps, horizon } = all[0]!;
  return {
    steps,
    horizon,
    rows: all.reduce((sum, one) => sum + one.rows, 0),
    features: add((one) => one.features),
    targets: add((one) => one.targets),
    square: add((one) => one.square),
    mixed: add((one) => one.mixed),
  };
}

/** The weights, `horizon × steps`: held to 0 by `ridge` and to those of another map by `shrink`. */
function solve(
  { steps, horizon, square, mixed }: Equations,
  ridge: number,
  towards: Float64Array | undefined,
  shrink: number,
): Float64Array {
  const matrix = square.slice();
  const right = mixed.slice();
  // held to a map that is itself held to 0, a map needs no more of it
  const strength = towards ? shrink : ridge;
  for (let k = 0; k < steps; k++) {
    const penalty = (strength * (k + 1)) / steps;
    matrix[k * steps + k]! += penalty;
    if (towards) for (let h = 0; h < horizon; h++) right[h * steps + k]! += penalty * towards[h * steps + k]!;
  }
  return choleskySolve(matrix, right, steps, horizon);
}
