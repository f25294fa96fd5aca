import type { BareOptions } from './bare.js';
import { job, type Machinery } from './job.js';
import { ratioInTurns } from './ratioInTurns.js';
import { roundTo } from './timing.js';
import type { WorkloadName } from './workloads.js';

/** Runs one workload with one thread and with several workers, in turns in one process, and prints the ratio. */
export async function scaling(
  workload: WorkloadName,
  { workers = 2, ...machinery }: Machinery,
  { json, ...turns }: BareOptions,
): Promise<void> {
  const jobs = [job(workload, machinery), job(workload, { ...machinery, workers })] as const;
  const { ratio, low, high } = await ratioInTurns(jobs, turns);
  jobs[1].model.kernel.close();
  if (json) {
    const quartiles = [roundTo(low, 3), roundTo(high, 3)];
    console.log(JSON.stringify({ workload, workers, ratio: roundTo(ratio, 3), quartiles, rounds: turns.rounds }));
  } else {
    const span = `quartiles ${low.toFixed(2)} and ${high.toFixed(2)}`;
    console.log(`${workload.padEnd(13)} ${workers} workers × ${ratio.toFixed(2)} of one thread's rate, ${span}`);
  }
}
