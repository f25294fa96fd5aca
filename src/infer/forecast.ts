import { asyncScheduler, type OperatorFunction, type Subscription } from 'rxjs';
import { anything } from '../check/anything.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { guarded } from '../flow/guarded.js';
import { operator } from '../flow/operator.js';
import { timeSlice } from '../flow/timeSlice.js';
import { zeros } from '../kernel/zeros.js';
import type { Model } from '../model/model.js';
import type { SeriesRow } from '../series/checkRow.js';
import type { Scaling } from '../series/scalingOf.js';
import type { State } from '../types.js';
import { checkStreaming } from './checkStreaming.js';
import { checkRowHead } from './checkRowHead.js';
import type { Expected, RowHead } from './rowHead.js';
import { checkScaling } from '../series/checkScaling.js';
import { AT_ONCE, stepWork } from './stepWork.js';
import { rowReader } from './rowReader.js';

/** How far ahead, and how the model is read. */
export interface ForecastOptions {
  /** Rows ahead. */
  readonly steps: number;
  /** The scaling that the model was trained with: rows and forecasts are in the units of the data; by default none. */
  readonly scaling?: Scaling | undefined;
  /** What the model's outputs are; `value` by default. */
  readonly head?: RowHead;
  /** Whether a forecast follows the `last` row (default) or `each` of them. */
  readonly after?: 'last' | 'each';
  /** The state before the first row; zeros by default. */
  readonly initialState?: State;
}

/** The rows that a model expects next, one row per step ahead. */
export interface Forecast {
  readonly predicted: readonly (readonly number[])[];
  /** Standard deviations; from a Gaussian head only. */
  readonly deviation?: readonly (readonly number[])[];
  /** Per quantile of the head the rows of that quantile; from quantiles only. */
  readonly quantiles?: readonly (readonly (readonly number[])[])[];
}

/**
 * Reads the rows of a series and forecasts the next ones, in the units of the data.
 *
 * ```
 * rows                         -a-b-c-|
 * forecast(model, { steps })   -------(f|)     f.predicted: the rows after c
 * ```
 *
 * A model whose outputs are several rows (`seriesWindows({ horizon })`) gives them at once; for steps beyond them it reads its
 * own predictions as if they had come, and continues from there, without a word of how uncertain these are. The state of the
 * rows read is not changed by that. Many steps ahead of the last row are read in slices of 8 ms, with a turn of the event loop
 * between them; an Error if the model learns in such a turn. A RangeError for a series without rows, and at once for a model
 * whose outputs do not fit its inputs or the scaling; errors that name the row for what is not a row of finite numbers.
 *
 * ```ts
 * import { autoregression, forecast, pull, sequential } from 'rxrnn';
 *
 * const model = sequential({ trend: autoregression({ inputSize: 1, steps: 1 }) });
 * model.weights.tensors.get('trend.weight')!.data[0] = -1; // it goes on as it went
 * pull([[1], [3], [5]])
 *   .pipe(forecast(model, { steps: 3 }))
 *   .subscribe(({ predicted }) => console.log(predicted.join(' '))); // -> 7 9 11
 * ```
 */
export function forecast(model: Model, given: ForecastOptions): OperatorFunction<SeriesRow, Forecast> {
  given = options('forecast', given, {
    steps: positiveInteger,
    scaling: optional(checkScaling),
    head: optional(checkRowHead),
    after: optional(oneOf('last', 'each')),
    initialState: anything,
  });
  const { steps, scaling, head = 'value', after = 'last', initialState } = given;
  checkStreaming('forecast', model);
  const { inputSize: size } = model;

  return operator((subscriber) => {
    const { tape, horizon, take, read, scaled, expected } = rowReader('forecast', model, { head, scaling });
    if (initialState) tape.setState(initialState);
    const slice = timeSlice(asyncScheduler);
    let resting: Subscription | undefined;
    let index = 0;

    /**
     * Reads ahead of what was read, and hands over the forecast: feeding back, the tape is used and then set back. In
     * slices, with a turn of the event loop between them, where that is asked for.
     */
    function ahead(inSlices: boolean, receive: (forecast: Forecast) => void): void {
      const parts: Expected[] = [expected()];
      const state = steps > horizon ? tape.state() : undefined;
      const version = model.kernel.weightsVersion();
      readOn();

      function readOn(): void {
        if (inSlices) slice.begin();
        if (model.kernel.weightsVersion() !== version) throw changed();
        while (parts.length * horizon < steps) {
          const { predicted } = scaled();
          for (let h = 0; h < horizon; h++) {
            const row = zeros(model.dtype, size);
            row.set(predicted.slice(h * size, (h + 1) * size));
            read(row);
          }
          parts.push(expected());
          if (!inSlices || !slice.over()) continue;
          resting = slice.rest(guarded(subscriber, readOn));
          return;
        }
        if (state) tape.setState(state);
        receive(forecastOf(parts));
      }
    }
    function forecastOf(parts: readonly Expected[]): Forecast {
      const rowsOf = (numbers: readonly number[]): number[][] =>
        Array.from({ length: steps }, (_, h) => numbers.slice(h * size, (h + 1) * size));
      const { deviation, quantiles } = parts[0]!;
      return {
        predicted: rowsOf(parts.flatMap(({ predicted }) => predicted)),
        ...(deviation && { deviation: rowsOf(parts.flatMap((part) => part.deviation!)) }),
        ...(quantiles && {
          quantiles: quantiles.map((_, q) => rowsOf(parts.flatMap((part) => part.quantiles![q]!))),
        }),
      };
    }

    return {
      next(row) {
        read(take(row, index++));
        if (after === 'each') ahead(false, (found) => subscriber.next(found));
      },
      complete() {
        if (after === 'last' && index === 0) throw new RangeError('forecast: the series has no rows');
        if (after === 'each') return subscriber.complete();
        ahead(steps * stepWork(model) > AT_ONCE, (found) => {
          subscriber.next(found);
          subscriber.complete();
        });
      },
      close() {
        resting?.unsubscribe();
        tape.release();
      },
    };
  });
}

function changed(): Error {
  return new Error(
    'forecast: the weights changed while the model read ahead; let it learn before the series ends or after the ' +
      'forecast, or forecast with a copy of it',
  );
}
