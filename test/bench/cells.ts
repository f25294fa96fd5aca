import type { BareOptions } from './bare.js';
import { job, type Machinery } from './job.js';
import { ratioInTurns } from './ratioInTurns.js';
import { roundTo } from './timing.js';
import { type Cell, type WorkloadName, WORKLOADS } from './workloads.js';

const COMPARED: readonly Cell[] = ['minGru', 'minLstm', 'rgLru', 'slstm'];

/**
 * Runs workloads with each newer cell in place of their own and with an older one of the same width, in turns in one
 * process, and prints the ratios: beside an LSTM where they learn, beside a GRU where they generate.
 */
export async function cells(
  names: readonly WorkloadName[],
  machinery: Machinery,
  { json, ...turns }: BareOptions,
): Promise<void> {
  for (const workload of names) {
    const { kind } = WORKLOADS[workload];
    if (kind === 'translate') continue; // its cells are those of an encoder and a decoder
    const beside = kind === 'train' ? 'lstm' : 'gru';
    for (const cell of COMPARED) {
      const jobs = [job(workload, machinery, beside), job(workload, machinery, cell)] as const;
      const { ratio, low, high } = await ratioInTurns(jobs, turns);
      if (json) {
        const quartiles = [roundTo(low, 3), roundTo(high, 3)];
        console.log(
          JSON.stringify({ workload, cell, beside, ratio: roundTo(ratio, 3), quartiles, rounds: turns.rounds }),
        );
      } else {
        const span = `quartiles ${low.toFixed(2)} and ${high.toFixed(2)}`;
        console.log(`${workload.padEnd(13)} ${cell.padEnd(8)} × ${ratio.toFixed(2)} of the rate of ${beside}, ${span}`);
      }
      for (const { model } of jobs) model.dispose();
    }
  }
}
