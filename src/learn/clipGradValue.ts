import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import { refuse } from '../check/refuse.js';
import { learnedGradients } from './learnedGradients.js';
import { checkDifferentiated, type Differentiated } from './stages.js';

/**
 * Clips every gradient to [−limit, limit], each number by itself.
 *
 * ```
 *   backpropagate  --d0-----d1-----d2--|
 *   clipGradValue  --d0-----d1-----d2--|
 * ```
 *
 * `torch.nn.utils.clip_grad_value_`. `gradientNorm` stays what it was before.
 * A RangeError at once for a `limit` that is not above 0.
 * An Error for a window that was not run through `backpropagate`.
 */
export function clipGradValue(limit: number): MonoTypeOperatorFunction<Differentiated> {
  if (typeof limit !== 'number' || !(limit > 0)) refuse('clipGradValue', 'limit', 'a positive number', limit, 'number');
  return tap((differentiated) => {
    checkDifferentiated('clipGradValue', differentiated);
    const { model, tape } = differentiated;
    for (const part of learnedGradients(tape)) model.kernel.clamp(part, limit, part.length);
  });
}
