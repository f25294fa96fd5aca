import { wideVectors } from '../../src/index.js';
import type { BareOptions } from './bare.js';
import { job, type Machinery } from './job.js';
import { ratioInTurns } from './ratioInTurns.js';
import { roundTo } from './timing.js';
import type { WorkloadName } from './workloads.js';

/** Runs workloads with vectors of 128 bits and of 256, in turns in one process, and prints the ratios. */
export async function wide(
  names: readonly WorkloadName[],
  machinery: Machinery,
  { json, ...turns }: BareOptions,
): Promise<void> {
  const narrow = names.map((workload) => [workload, job(workload, machinery)] as const);
  const { reason } = wideVectors(); // models made from here on have them
  if (reason !== undefined) throw new Error(`--wide: this Node has no vectors of 256 bits: ${reason}`);
  for (const [workload, before] of narrow) {
    const { ratio, low, high } = await ratioInTurns([before, job(workload, machinery)], turns);
    if (json) {
      const quartiles = [roundTo(low, 3), roundTo(high, 3)];
      console.log(JSON.stringify({ workload, ratio: roundTo(ratio, 3), quartiles, rounds: turns.rounds }));
    } else {
      const span = `quartiles ${low.toFixed(2)} and ${high.toFixed(2)}`;
      console.log(`${workload.padEnd(13)} 256 bits × ${ratio.toFixed(2)} of the rate with 128, ${span}`);
    }
  }
}
