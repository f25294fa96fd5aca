import { defer, map, type OperatorFunction } from 'rxjs';
import { zeros } from '../kernel/zeros.js';
import type { Model, Tape } from '../model/model.js';
import type { Numbers, Window } from '../types.js';
import { checkFresh, type Scored, type Unrolled } from './stages.js';

/** What every loss may be told. */
export interface LossOptions {
  /**
   * What the gradient is taken of: the mean over the targets that count (default) or their sum.
   * The loss that is emitted is the mean either way.
   */
  readonly reduction?: 'mean' | 'sum';
}

/** How a loss is taken at the outputs of one model. */
export interface Measure {
  /** Targets of a step in a lane: 1, or one for each output. */
  readonly width: number;
  /** Checks a window's targets, all but those that padding hides, and returns how many count. */
  count(window: Window, rows: number): number;
  /** What a mean divides by; absent where that is the count. */
  divisor?(window: Window, rows: number): number;
  /** Writes each target's loss, and the gradient of their sum at the outputs; returns the sum. */
  sum(losses: Numbers, tape: Tape, window: Window, rows: number): number;
}

/**
 * An operator from windows that ran forward to windows with a loss. `measure` is called for each tape that comes, once
 * a subscription as a rule, and so is the array of the single losses made; a window allocates nothing but its handle.
 */
export function lossOperator(
  name: string,
  { reduction = 'mean' }: LossOptions,
  measure: (model: Model) => Measure,
): OperatorFunction<Unrolled, Scored> {
  if (reduction !== 'mean' && reduction !== 'sum') {
    throw new RangeError(`${name}: reduction must be mean or sum, got ${String(reduction)}`);
  }
  return (unrolled$) =>
    defer(() => {
      let laid: Tape | undefined;
      let measured: Measure;
      let losses: Numbers;
      return unrolled$.pipe(
        map((unrolled): Scored => {
          checkFresh(name, unrolled);
          const { window, model, tape, pass, norms } = unrolled;
          if (tape !== laid) {
            measured = measure(model);
            losses = zeros(model.dtype, tape.steps * tape.lanes * measured.width);
            laid = tape;
          }
          const rows = window.steps * window.lanes;
          checkMask(window, rows);
          const count = measured.count(window, rows);
          const divisor = measured.divisor?.(window, rows) ?? count;
          const sum = measured.sum(losses, tape, window, rows);
          if (!Number.isFinite(sum)) throw notFinite(name, unrolled);
          if (reduction === 'mean' && divisor !== 1) {
            model.kernel.scale(tape.outputGradient, divisor > 0 ? 1 / divisor : 0, rows * model.outputSize);
          }
          return { window, model, tape, pass, norms, loss: divisor > 0 ? sum / divisor : 0, count, losses };
        }),
      );
    });
}

/** How many steps of all lanes count. */
export function counted({ mask }: Window, rows: number): number {
  if (!mask) return rows;
  let count = 0;
  for (let r = 0; r < rows; r++) if (mask[r] !== 0) count++;
  return count;
}

/** Throws unless each of the targets that count is a number between 0 and 1. */
export function checkShares(name: string, targets: Numbers, { mask }: Window, rows: number, width: number): void {
  for (let r = 0, i = 0; r < rows; r++) {
    const counts = !mask || mask[r] !== 0;
    for (let n = 0; n < width; n++, i++) {
      if (counts && !(targets[i]! >= 0 && targets[i]! <= 1)) {
        throw new RangeError(`${name}: targets must be in [0, 1], got ${targets[i]}`);
      }
    }
  }
}

/** Throws unless each weight is a finite number from 0 up. */
export function checkWeights(name: string, option: string, weights: ArrayLike<number>): void {
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i]! >= 0 && weights[i]! < Infinity)) {
      throw new RangeError(`${name}: ${option} must be numbers from 0 up, got ${weights[i]}`);
    }
  }
}

function checkMask({ mask }: Window, rows: number): void {
  if (mask && mask.length !== rows) throw new RangeError(`mask: needs ${rows} flags, got ${mask.length}`);
}

function notFinite(name: string, { tape, pass, norms }: Unrolled): Error {
  const layer = tape.firstNotFinite();
  const where = layer ? `the output of layer ${layer} is not finite` : 'the outputs are finite but too large';
  return new RangeError(
    `${name}: the loss of window ${pass} is not finite: ${where}; last gradient norms ${lastNorms(norms)}; ` +
      'try a smaller learning rate or a tighter clipGradNorm',
  );
}

/** The last norms, oldest first, as text. */
export function lastNorms(norms: readonly number[]): string {
  return norms.length > 0 ? norms.map((norm) => norm.toPrecision(3)).join(', ') : 'none yet';
}
