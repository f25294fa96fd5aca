import type { Model, Tape } from '../model/model.js';

/** The norm of a tape's learned gradients, `(Σ |g|^type)^(1/type)`. */
export function gradientNorm({ kernel }: Model, tape: Tape, type?: number): number {
  const { gradientRuns } = tape;
  if (gradientRuns) {
    const { numbers, length } = gradientRuns.gather();
    return kernel.norm(numbers, length, type);
  }
  const { learned } = tape.gradients;
  return kernel.norm(learned, learned.length, type);
}
