import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { orInfinity } from '../check/orInfinity.js';
import { positive } from '../check/positive.js';
import { refuse } from '../check/refuse.js';
import { gradientNorm } from './gradientNorm.js';
import { learnedGradients } from './learnedGradients.js';
import { checkDifferentiated, type Differentiated } from './stages.js';

/** Which norm is clipped. */
export interface ClipGradNormOptions {
  /** p of `(Σ |g|^p)^(1/p)`, above 0: 2 by default; 1 for the sum of magnitudes, Infinity for the largest. */
  readonly normType?: number | undefined;
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
 * A RangeError at once for a `maxNorm` or a `normType` that is not above 0.
 * An Error for a window that was not run through `backpropagate`.
 */
export function clipGradNorm(
  maxNorm: number,
  options: ClipGradNormOptions = {},
): MonoTypeOperatorFunction<Differentiated> {
  if (typeof maxNorm !== 'number' || !(maxNorm > 0))
    refuse('clipGradNorm', 'maxNorm', 'a positive number', maxNorm, 'number');
  options = checkOptions('clipGradNorm', options, { normType: optional(orInfinity(positive)) });
  const { normType = 2 } = options;
  return tap((differentiated) => {
    checkDifferentiated('clipGradNorm', differentiated);
    const { model, tape } = differentiated;
    const factor = maxNorm / (gradientNorm(model, tape, normType) + 1e-6);
    if (factor < 1) for (const part of learnedGradients(tape)) model.kernel.scale(part, factor, part.length);
  });
}
