import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import type { Check } from '../check/check.js';

/** How weights decay, where that may be in either place. */
export interface DecayConstants {
  /** L2 penalty, added to the gradient as `weightDecay · w`; 0 by default. */
  readonly weightDecay?: number | undefined;
  /** Takes the decay from the weights instead, as `adamw` does; `false` by default. */
  readonly decoupledWeightDecay?: boolean | undefined;
}

/** The check of the place; that of the share is among those of Adam. */
export const DECAY_CHECKS: Readonly<Record<'decoupledWeightDecay', Check>> = { decoupledWeightDecay: optional(flag) };

/** The share of the weights that is added to the gradient, and that by which they shrink per unit of the rate. */
export function decayOf({ weightDecay = 0, decoupledWeightDecay = false }: DecayConstants): {
  readonly inGradient: number;
  readonly ofWeights: number;
} {
  return decoupledWeightDecay ? { inGradient: 0, ofWeights: weightDecay } : { inGradient: weightDecay, ofWeights: 0 };
}
