import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import { finite } from '../check/finite.js';
import { checkScored, type Scored } from './stages.js';

/**
 * Multiplies the gradient of the loss by a factor, or by one computed from each window; the emitted loss stays the mean.
 *
 * ```
 *   crossEntropy  --s0-----s1-----s2--|
 *   scaleLoss     --s0-----s1-----s2--|     factor · gradient at the outputs
 * ```
 *
 * As `(factor * loss).backward()` in torch. A RangeError unless the factor is finite; an Error after `backpropagate`.
 */
export function scaleLoss(factor: number | ((scored: Scored) => number)): MonoTypeOperatorFunction<Scored> {
  const factorOf = typeof factor === 'number' ? () => factor : factor;
  if (typeof factor === 'number') check(factor);
  return tap((scored) => {
    checkScored('scaleLoss', scored);
    const { window, model, tape, factors } = scored;
    const rows = window.steps * window.lanes;
    const factor = check(factorOf(scored));
    if (factors) for (let r = 0; r < rows; r++) factors[r]! *= factor;
    else model.kernel.scale(tape.outputGradient, factor, rows * model.outputSize);
  });
}

function check(factor: number): number {
  finite()('scaleLoss', 'factor', factor);
  return factor;
}
