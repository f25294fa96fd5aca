import { lastValueFrom, map, type Observable, reduce } from 'rxjs';
import { type Demand, type Model, outputs, pull, seriesWindows, unlimited, unroll, yielding } from '../../src/index.js';

/** Mean errors of forecasts over origins, columns and steps ahead, of scaled numbers. */
export interface MeanErrors {
  readonly mse: number;
  readonly mae: number;
}

/** The errors of a model. */
export interface Errors extends MeanErrors {
  /** Root of the mean square per step ahead and column, as the outputs lie. */
  readonly deviation: readonly number[];
  /** The mean square of each quarter of the origins, in their order. */
  readonly quarters: readonly number[];
}

/** Rows of a series, and which of them are to be predicted. */
export interface Part {
  readonly rows: readonly (readonly number[])[];
  /** The rows that forecasts may lie in, from the first to before the last. */
  readonly from: number;
  readonly to: number;
  readonly horizon: number;
  /** Rows that the model reads before the first forecast, where there are as many. */
  readonly context: number;
}

const STEPS = 64;

/**
 * Scores the forecasts of a model from every row whose whole forecast lies in a part of a series. The model reads the rows
 * before the part, too. One `demand` for many short parts gives the event loop a turn among them.
 */
export function errorsOf(
  model: Model,
  { rows, from, to, horizon, context }: Part,
  demand: Demand = yielding(unlimited),
): Promise<Errors> {
  const begin = Math.max(0, from - 1 - context);
  const width = rows[0]!.length * horizon;
  const origins = to - horizon - (from - 1);
  let origin = begin - 1; // the row after which a forecast is made
  const sums$: Observable<Sums> = pull(rows.slice(begin, to), demand).pipe(
    seriesWindows({ steps: STEPS, horizon }),
    unroll(model),
    map((unrolled) => {
      const { window } = unrolled;
      const { data } = outputs(unrolled);
      const sums: Sums = { count: 0, absolute: 0, squares: new Float64Array(width), quarters: [0, 0, 0, 0] };
      for (let t = 0; t < window.steps; t++) {
        if (++origin < from - 1) continue;
        sums.count += 1;
        const quarter = Math.min(3, Math.floor((4 * (origin - (from - 1))) / origins));
        for (let i = 0; i < width; i++) {
          const error = data[t * (data.length / window.steps) + i]! - window.targets[t * width + i]!;
          sums.absolute += Math.abs(error);
          sums.squares[i]! += error * error;
          sums.quarters[quarter]! += error * error;
        }
      }
      return sums;
    }),
    reduce((all, one) => {
      all.count += one.count;
      all.absolute += one.absolute;
      one.squares.forEach((square, i) => (all.squares[i]! += square));
      one.quarters.forEach((square, i) => (all.quarters[i]! += square));
      return all;
    }),
  );
  return lastValueFrom(sums$).then(({ count, absolute, squares, quarters }) => ({
    mse: squares.reduce((sum, square) => sum + square, 0) / (count * width),
    mae: absolute / (count * width),
    deviation: Array.from(squares, (square) => Math.sqrt(square / count)),
    quarters: quarters.map((square) => (4 * square) / (count * width)),
  }));
}

interface Sums {
  count: number;
  absolute: number;
  readonly squares: Float64Array;
  readonly quarters: number[];
}

/** Scores "as the row before the forecast" (period 1), or "as a season ago", over the same origins. */
export function naiveErrors({ rows, from, to, horizon }: Part, period: number): MeanErrors | undefined {
  let count = 0;
  let [square, absolute] = [0, 0];
  for (let origin = Math.max(from - 1, period - 1); origin + horizon < to; origin++) {
    for (let h = 1; h <= horizon; h++) {
      const before = origin + h - period * Math.ceil(h / period);
      for (const [d, x] of rows[origin + h]!.entries()) {
        const error = x - (period === 1 ? rows[origin]![d]! : rows[before]![d]!);
        square += error * error;
        absolute += Math.abs(error);
        count += 1;
      }
    }
  }
  return count > 0 ? { mse: square / count, mae: absolute / count } : undefined;
}
