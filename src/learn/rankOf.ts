import type { ScoredTarget } from './measure.js';

/** The place of a target token by output, from 1; of equal outputs the lower token comes first. `who`: for errors. */
export function rankOf(who: string, { output, target }: Pick<ScoredTarget, 'output' | 'target'>): number {
  if (typeof target !== 'number') {
    throw new TypeError(`${who}: needs targets that are tokens (Int32Array), got numbers`);
  }
  const own = output[target]!;
  let rank = 1;
  for (let i = 0; i < target; i++) if (output[i]! >= own) rank++;
  for (let i = target + 1; i < output.length; i++) if (output[i]! > own) rank++;
  return rank;
}
