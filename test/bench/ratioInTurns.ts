import type { Job } from './job.js';
import { median, stopwatch } from './timing.js';

export interface Ratio {
  readonly ratio: number;
  /** Quartiles. */
  readonly low: number;
  readonly high: number;
}

/** Runs two jobs in turns in one process; gives the rate of the second over that of the first, the median of `rounds`. */
export async function ratioInTurns(
  jobs: readonly [Job, Job],
  { seconds, rounds }: { readonly seconds: number; readonly rounds: number },
): Promise<Ratio> {
  const rate = async ({ units, ways }: Job): Promise<number> => {
    const { each, result } = stopwatch(units, seconds / rounds);
    await ways[0]![1](each);
    return result().rate;
  };
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const rates = [0, 0];
    for (const i of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) rates[i] = await rate(jobs[i]);
    ratios.push(rates[1]! / rates[0]!);
  }
  ratios.sort((a, b) => a - b);
  return { ratio: median(ratios), low: ratios[rounds >> 2]!, high: ratios[(3 * rounds) >> 2]! };
}
