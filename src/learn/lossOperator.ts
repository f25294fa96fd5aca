import { map, type OperatorFunction } from 'rxjs';
import type { Window } from '../types.js';
import { checkFresh, type Scored, type Unrolled } from './stages.js';

export interface LossOptions {
  /**
   * What the gradient is taken of: the mean over the targets that count (default) or their sum.
   * The loss that is emitted is the mean either way.
   */
  readonly reduction?: 'mean' | 'sum';
}

/**
 * An operator from windows that ran forward to windows with a loss. `measure` returns the sum of losses over the
 * window and writes its gradient; `width` tells how many targets a step has.
 */
export function lossOperator(
  name: string,
  { reduction = 'mean' }: LossOptions,
  measure: (unrolled: Unrolled, rows: number) => number,
  width: (unrolled: Unrolled) => number,
): OperatorFunction<Unrolled, Scored> {
  if (reduction !== 'mean' && reduction !== 'sum') {
    throw new RangeError(`${name}: reduction must be mean or sum, got ${String(reduction)}`);
  }
  return map((unrolled) => {
    checkFresh(name, unrolled);
    const { window, model, tape, pass } = unrolled;
    const rows = window.steps * window.lanes;
    const count = counted(window, rows) * width(unrolled);
    const sum = measure(unrolled, rows);
    if (!Number.isFinite(sum)) throw notFinite(name, unrolled);
    if (reduction === 'mean' && count > 0) {
      model.kernel.scale(tape.outputGradient, 1 / count, rows * model.outputSize);
    }
    return { window, model, tape, pass, loss: count > 0 ? sum / count : 0, count };
  });
}

function counted({ mask }: Window, rows: number): number {
  if (!mask) return rows;
  if (mask.length !== rows) throw new RangeError(`mask: needs ${rows} flags, got ${mask.length}`);
  let count = 0;
  for (let r = 0; r < rows; r++) if (mask[r] !== 0) count++;
  return count;
}

function notFinite(name: string, { tape, pass }: Unrolled): Error {
  const layer = tape.firstNotFinite();
  const where = layer ? `the output of layer ${layer} is not finite` : 'the outputs are finite but too large';
  return new RangeError(
    `${name}: the loss of window ${pass} is not finite: ${where}; last gradient norms ${lastNorms(tape.norms)}; ` +
      'try a smaller learning rate or a tighter clipGradNorm',
  );
}

/** The last norms, oldest first, as text. */
export function lastNorms(norms: readonly number[]): string {
  return norms.length > 0 ? norms.map((norm) => norm.toPrecision(3)).join(', ') : 'none yet';
}
