import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { refuse } from '../check/refuse.js';
import { checkFresh, type Differentiated } from './stages.js';

/** Which norm is clipped. */
export interface ClipGradNormOptions {
  /** 2 by default; 1 for the sum of magnitudes, Infinity for the largest. */
  readonly normType?: number;
}

/**
 * Scales all gradients by one factor where their global norm exceeds `maxNorm`.
 *
 * ```
 *   backpropagate  --d0-----d1-----d2--|
 *   clipGradNorm   --d0-----d1-----d2--|     gradients · min(1, maxNorm / (norm + 1e-6))
 * ```
 *
 * `torch.nn.utils.clip_grad_norm_`; Pascanu, Mikolov and Bengio, 2013. `gradientNorm` stays what it was before.
 * A RangeError at once for a `maxNorm` that is not above 0 or another norm than these.
 */
export function clipGradNorm(
  maxNorm: number,
  options: ClipGradNormOptions = {},
): MonoTypeOperatorFunction<Differentiated> {
  if (!(maxNorm > 0)) refuse('clipGradNorm', 'maxNorm', 'a positive number', maxNorm, 'number');
  checkOptions('clipGradNorm', options, { normType: optional(oneOf(1, 2, Infinity)) });
  const { normType = 2 } = options;
  return tap((differentiated) => {
    checkFresh('clipGradNorm', differentiated);
    const { model, tape } = differentiated;
    const { learned } = tape.gradients;
    const factor = maxNorm / (model.kernel.norm(learned, learned.length, normType) + 1e-6);
    if (factor < 1) model.kernel.scale(learned, factor, learned.length);
  });
}
