import type { Tape } from '../model/model.js';
import type { Numbers } from '../types.js';

/** A tape's learned gradients, without those that are zeros because their rows of a table were not touched. */
export function learnedGradients(tape: Tape): readonly Numbers[] {
  const { gradientRuns } = tape;
  if (!gradientRuns) return [tape.gradients.learned];
  return gradientRuns.runs.map(([from, to]) => gradientRuns.block.learned.subarray(from, to));
}
