import { type AdamOptions, adamRule } from './adam.js';
import type { WithGroups } from './groupedOptimizer.js';
import type { Optimizer } from './optimizer.js';

/**
 * Adam with decoupled weight decay: before each update `w −= learningRate · weightDecay · w`; 0.01 by default.
 * Loshchilov and Hutter, 2019; `torch.optim.AdamW`.
 * A RangeError for constants out of range. It serves one model.
 */
export function adamw(options: WithGroups<AdamOptions> = {}): Optimizer {
  return adamRule('adamw', options, 0.01);
}
