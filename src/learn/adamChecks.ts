import { anything } from '../check/anything.js';
import type { Check } from '../check/check.js';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { betas } from './betas.js';
import { epsilon } from './epsilon.js';
import type { CommonOptions } from './groupedOptimizer.js';

/** The constants that Adam and its relatives have in common. */
export interface AdamConstants extends CommonOptions {
  /** Shares of the mean and of the mean square kept, in [0, 1); [0.9, 0.999] by default. */
  readonly betas?: readonly [number, number] | undefined;
  /** Added to the root; 1e-8 by default, and 1e-38 or more. */
  readonly epsilon?: number | undefined;
}

/** The checks of these constants, and of the rate and the decay, whose defaults differ. */
export const ADAM_CHECKS: Readonly<Record<'learningRate' | 'betas' | 'epsilon' | 'weightDecay', Check>> = {
  learningRate: anything, // checked by `optimizer`
  betas: optional(betas),
  epsilon: optional(epsilon),
  weightDecay: optional(finite(0)),
};
