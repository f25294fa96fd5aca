import type { OperatorFunction } from 'rxjs';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { operator } from '../flow/operator.js';
import type { Window } from '../types.js';
import { checkRow, type SeriesRow } from './checkRow.js';

/** How a series is cut into windows. */
export interface SeriesWindowsOptions {
  /** Rows that a window reads, one after another: how far back the gradient reaches. */
  readonly steps: number;
  /** Rows after each step that are its target, side by side: a forecast of all of them at once; 1 by default. */
  readonly horizon?: number;
  /** Rows from the start of one window to that of the next; `steps` by default, so that no row is read twice. */
  readonly stride?: number;
  /** Windows side by side; 1 by default. */
  readonly lanes?: number;
  /** Steps at the start of a window that begins from zeros whose targets do not count (`targetMask`); 0 by default. */
  readonly warmup?: number;
}

/**
 * Cuts the rows of a series into windows: inputs are rows, and the target of each is the next `horizon` rows.
 *
 * ```
 * rows                                      -a-b-c-d-e-|
 * seriesWindows({ steps: 2 })               -----x---y-|
 * seriesWindows({ steps: 2, horizon: 2 })   -------z---(w|)
 *
 * x  inputs a b  targets b c      resets 1        z  inputs a b  targets bc cd    resets 1
 * y  inputs c d  targets d e                      w  inputs c    targets de
 * ```
 *
 * A model for `horizon` rows of `d` numbers has `horizon · d` outputs: the first row, then the second, and so on.
 *
 * With one lane and the stride of the steps, a window continues the one before: the state is carried on, only the first of each
 * subscription resets it, and on completion the shorter rest follows. Otherwise windows are examples on their own: each resets
 * its lanes, `lanes` consecutive ones lie side by side, and on completion the last ones follow with fewer lanes; an error drops
 * them; rows that fill no window are left out, but a series of which none would be left is a RangeError at its end. Memory is
 * that of one batch. Each window owns its arrays, of double precision. A RangeError at once for sizes that are not positive
 * integers and for a warm-up that leaves no step; errors that name the row for what is not a row of finite numbers as wide as
 * the first.
 *
 * ```ts
 * import { pull, seriesWindows } from 'rxrnn';
 *
 * pull([[1], [2], [3], [4]])
 *   .pipe(seriesWindows({ steps: 2, horizon: 2, stride: 1 }))
 *   .subscribe(({ inputs, targets }) => console.log(inputs.join(' '), '→', targets.join(' ')));
 * // -> 1 2 → 2 3 3 4
 * ```
 */
export function seriesWindows(given: SeriesWindowsOptions): OperatorFunction<SeriesRow, Window> {
  given = options('seriesWindows', given, {
    steps: positiveInteger,
    horizon: optional(positiveInteger),
    stride: optional(positiveInteger),
    lanes: optional(positiveInteger),
    warmup: optional(wholeNumber()),
  });
  const { steps, horizon = 1, stride = steps, lanes = 1, warmup = 0 } = given;
  wholeNumber(0, steps - 1)('seriesWindows', 'warmup', warmup);
  const continues = lanes === 1 && stride === steps;
  const span = steps + horizon; // rows that a window needs

  return operator((subscriber) => {
    let size = 0;
    let index = 0; // of the next row
    let start = 0; // index of the row with which the next window begins
    let first = true;
    let rows: number[][] = []; // from `start` on
    let batch: (readonly number[][])[] = [];

    function emit(length: number): void {
      const window = windowOf(batch, { steps: length, horizon, size });
      batch = [];
      const resets = first || !continues;
      first = false;
      if (!resets) return subscriber.next(window);
      const count = window.lanes;
      const mask = warmup > 0 && new Uint8Array(length * count).fill(1).fill(0, 0, Math.min(length, warmup) * count);
      subscriber.next({ ...window, resets: new Uint8Array(count).fill(1), ...(mask && { targetMask: mask }) });
    }
    function tooShort(): RangeError {
      const needed = continues ? `1 + horizon = ${1 + horizon}` : `steps + horizon = ${span}`;
      return new RangeError(`seriesWindows: a window needs at least ${needed} rows, the series has ${index}`);
    }
    return {
      next(row) {
        size = checkRow('seriesWindows', index, row, size);
        if (index++ < start) return; // between windows that do not touch
        rows.push(Array.from(row));
        if (rows.length < span) return;
        batch.push(rows);
        rows = rows.slice(stride);
        start += stride;
        if (batch.length === lanes) emit(steps);
      },
      complete() {
        const length = rows.length - horizon;
        if (continues && length >= 1) {
          batch.push(rows);
          emit(length);
        } else if (batch.length > 0) {
          emit(steps);
        }
        if (first && index > 0) throw tooShort();
        subscriber.complete();
      },
    };
  });
}

/** Lays windows side by side, each given by its rows: those of its steps, and the horizon after them. */
function windowOf(
  batch: readonly (readonly number[][])[],
  { steps, horizon, size }: { steps: number; horizon: number; size: number },
): Window {
  const lanes = batch.length;
  const inputs = new Float64Array(steps * lanes * size);
  const targets = new Float64Array(steps * lanes * horizon * size);
  for (const [lane, rows] of batch.entries()) {
    for (let t = 0; t < steps; t++) {
      const at = t * lanes + lane;
      inputs.set(rows[t]!, at * size);
      for (let h = 0; h < horizon; h++) targets.set(rows[t + 1 + h]!, (at * horizon + h) * size);
    }
  }
  return { steps, lanes, inputs, targets };
}
