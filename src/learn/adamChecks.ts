import { anything } from '../check/anything.js';
import type { Check } from '../check/check.js';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { betas } from './betas.js';
import { epsilon } from './epsilon.js';

/** The checks of the constants that Adam and its relatives have in common. */
export const ADAM_CHECKS: Readonly<Record<'learningRate' | 'betas' | 'epsilon' | 'weightDecay', Check>> = {
  learningRate: anything, // checked by `optimizer`
  betas: optional(betas),
  epsilon: optional(epsilon),
  weightDecay: optional(finite(0)),
};
