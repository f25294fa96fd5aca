import { job, type Job, type Machinery } from './job.js';
import type { BareOptions } from './bare.js';
import { median, roundTo, stopwatch } from './timing.js';
import type { WorkloadName } from './workloads.js';

/** Runs one workload with one thread and with several workers, in turns in one process, and prints the ratio. */
export async function scaling(
  workload: WorkloadName,
  { workers = 2, ...machinery }: Machinery,
  { seconds, rounds, json }: BareOptions,
): Promise<void> {
  const jobs = [job(workload, machinery), job(workload, { ...machinery, workers })] as const;
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
  jobs[1].model.kernel.close();
  ratios.sort((a, b) => a - b);
  const [ratio, low, high] = [median(ratios), ratios[rounds >> 2]!, ratios[(3 * rounds) >> 2]!];
  if (json) {
    const quartiles = [roundTo(low, 3), roundTo(high, 3)];
    console.log(JSON.stringify({ workload, workers, ratio: roundTo(ratio, 3), quartiles, rounds }));
  } else {
    const span = `quartiles ${low.toFixed(2)} and ${high.toFixed(2)}`;
    console.log(`${workload.padEnd(13)} ${workers} workers × ${ratio.toFixed(2)} of one thread's rate, ${span}`);
  }
}
