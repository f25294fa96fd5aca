import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import { checkFresh, type Scored } from './stages.js';

/**
 * Multiplies what the gradient is taken of by a factor, or by one told from each window; the loss that is emitted stays
 * the mean.
 *
 * ```
 *   crossEntropy  --s0-----s1-----s2--|
 *   scaleLoss     --s0-----s1-----s2--|     factor · gradient at the outputs
 * ```
 *
 * As `(factor * loss).backward()` in torch. A RangeError unless the factor is finite.
 */
export function scaleLoss(factor: number | ((scored: Scored) => number)): MonoTypeOperatorFunction<Scored> {
  const factorOf = typeof factor === 'number' ? () => factor : factor;
  if (typeof factor === 'number') check(factor);
  return tap((scored) => {
    checkFresh('scaleLoss', scored);
    const { window, model, tape } = scored;
    model.kernel.scale(tape.outputGradient, check(factorOf(scored)), window.steps * window.lanes * model.outputSize);
  });
}

function check(factor: number): number {
  if (!Number.isFinite(factor)) throw new RangeError(`scaleLoss: factor must be a finite number, got ${factor}`);
  return factor;
}
