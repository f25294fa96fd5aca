import { FIELDS, KINDS, TOTAL } from './contextMemory.js';
import type { NgramView } from './ngramView.js';

/** Sums of weighted counts that are nearer than this share of a probability are compared by the probabilities themselves. */
export const NEAR = 1e-12;

/**
 * Writes what a count after each context that ends the stream adds to a probability, and returns what one in all adds: the
 * probability of a token that never came is that times the different tokens over the size of the vocabulary.
 */
export function ngramWeights({ memory, ending, known, kinds, total }: NgramView, to: Float64Array): number {
  const { fields, totals } = memory;
  let scale = 1;
  for (let k = known - 1; k >= 0; k--) {
    const kinds = fields[ending[k]! * FIELDS + KINDS]!;
    const all = totals[ending[k]! * (FIELDS / 2) + TOTAL]! + kinds;
    to[k] = scale / all;
    scale *= kinds / all;
  }
  return scale / (total + kinds);
}
