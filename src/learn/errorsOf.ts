import type { ScoredTarget } from './measure.js';

/** Output − target, in double precision, for each output of a step. `who`: for errors. */
export function errorsOf(who: string, { output, target }: Pick<ScoredTarget, 'output' | 'target'>): Float64Array {
  if (typeof target === 'number') throw new TypeError(`${who}: needs targets that are numbers, got tokens`);
  if (target.length !== output.length) {
    throw new TypeError(
      `${who}: needs a target for each of the ${output.length} outputs of a step, got ${target.length}`,
    );
  }
  return Float64Array.from(output, (value, i) => value - target[i]!);
}
