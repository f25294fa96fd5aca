import { backendOf, job, type Machinery } from './job.js';
import { median, roundTo, stopwatch } from './timing.js';
import type { WorkloadName } from './workloads.js';

export interface BareOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly json: boolean;
}

/**
 * Runs one workload through the operators and as a bare loop, in turns on one model in one process, and prints the time
 * of each way over that of the loop: 1.05 is a cost of 5 %.
 */
export async function bare(workload: WorkloadName, machinery: Machinery, options: BareOptions): Promise<void> {
  const { seconds, rounds, json } = options;
  const { model, units, ways } = job(workload, machinery);
  const backend = backendOf(model, machinery);
  const rates = ways.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    const turns = [...ways.entries()];
    for (const [i, [, run]] of round % 2 === 0 ? turns : turns.toReversed()) {
      const { each, result } = stopwatch(units, seconds / rounds);
      await run(each);
      rates[i]!.push(result().rate);
    }
  }
  const loop = rates.at(-1)!;
  for (const [i, [way]] of ways.entries()) {
    const rate = median(rates[i]!);
    const cost = median(rates[i]!.map((rate, round) => loop[round]! / rate)); // round by round: the machine changes
    if (json) {
      const threads = machinery.workers ?? 1;
      const line = { workload, threads, backend, way, units_per_s: roundTo(rate, 1), cost: roundTo(cost, 3) };
      console.log(JSON.stringify(line));
    } else {
      const per = `${Math.round(rate).toLocaleString('en')}/s`.padStart(12);
      console.log(`${workload.padEnd(13)} ${way.padEnd(23)} ${per}  × ${cost.toFixed(3)} of the loop's time`);
    }
  }
}
