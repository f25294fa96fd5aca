import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Machinery } from './job.js';
import { peerEnvironment, peerList, type Way } from './peerList.js';
import { median, roundTo, type Timing } from './timing.js';
import { UNITS, type WorkloadName, WORKLOADS } from './workloads.js';

export interface PeersOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly threads: number;
  readonly core: number;
  readonly json: boolean;
}

/** A program that ran, and its rates, one per round. */
interface Entry extends Omit<Timing, 'rate'> {
  readonly peer: string;
  /** Its name and version, and the way it was run. */
  readonly version: string;
  readonly rates: number[];
}

/** Runs our library and each peer in turn on the same cores, round after round, and prints medians and ratios. */
export async function peers(
  names: readonly WorkloadName[],
  { backend }: Machinery,
  options: PeersOptions,
): Promise<void> {
  const { seconds, rounds, threads, core } = options;
  const { ways, missing } = peerList(process.env);
  for (const line of missing) console.error(line);
  const cores = Array.from({ length: threads }, (_, i) => (core + i) % availableParallelism());
  const pinned = ['taskset', '-c', cores.join(',')];
  if (spawnSync(pinned[0]!, [...pinned.slice(1), 'true']).status !== 0) {
    pinned.length = 0;
    console.error('taskset: missing, or there is no such core; nothing is pinned');
  }
  const env = peerEnvironment(process.env, threads);
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-peers-'));
  try {
    for (const name of names) measureAll(name);
  } finally {
    rmSync(folder, { recursive: true });
  }

  function measureAll(name: WorkloadName): void {
    const workload = WORKLOADS[name];
    const unit = UNITS[workload.kind];
    const entries = new Map<string, Entry>();
    const suited = ways.filter(({ suits }) => suits(workload));
    const path = join(folder, `${name}.onnx`);
    const task = (mode: string): string => JSON.stringify({ ...workload, seconds, threads, mode, path });
    for (const { prepare } of suited) if (prepare) spawnSync(prepare[0]!, [...prepare.slice(1), task('')], { env });

    for (let round = 0; round < rounds; round++) {
      note(entries, 'rxrnn', run('rxrnn', ourCommand(name)), unit);
      for (const way of suited) note(entries, way.peer, run(label(way), [...way.command, task(way.mode)]), unit);
    }
    report(name, unit, entries, options);
  }

  function ourCommand(name: WorkloadName): string[] {
    const bench = fileURLToPath(new URL('bench.ts', import.meta.url));
    const chosen = backend === undefined ? [] : ['--backend', backend];
    const flags = ['--workload', name, '--seconds', `${seconds}`, '--threads', `${threads}`, ...chosen, '--json'];
    return [process.execPath, ...process.execArgv, bench, ...flags];
  }

  /** Runs a program and reads its line of results; undefined, with a message on stderr, where there is none. */
  function run(what: string, command: readonly string[]): Record<string, unknown> | undefined {
    const [program, ...rest] = [...pinned, ...command];
    const timeout = 60_000 + 20_000 * seconds;
    const { stdout, stderr } = spawnSync(program!, rest, { env, timeout, encoding: 'utf8' });
    const line = stdout?.split('\n').findLast((line) => line.startsWith('{'));
    if (line !== undefined) return JSON.parse(line) as Record<string, unknown>;
    const reason = stderr?.split('\n').findLast((line) => /rror|must|:/.test(line)) ?? 'no answer in time';
    console.error(`${what}: ${reason}`);
    return undefined;
  }
}

function label({ peer, mode, command }: Way): string {
  return `${peer} (${mode}, ${command[0]})`;
}

/** Adds the result of a round to those of the same program. */
function note(
  entries: Map<string, Entry>,
  peer: string,
  line: Record<string, unknown> | undefined,
  unit: string,
): void {
  if (!line) return;
  const ours = peer === 'rxrnn';
  const version = ours ? `rxrnn ${String(line['backend'])}` : String(line['peer']);
  const [first, last] = ours ? [line['loss_first'], line['loss_last']] : [line['lossFirst'], line['lossLast']];
  const before = entries.get(version)?.rates ?? [];
  const rates = [...before, Number(ours ? line[unit] : line['rate'])];
  entries.set(version, { peer, version, rates, lossFirst: first as number | null, lossLast: last as number | null });
}

/** Prints a line for each peer, with the fastest of its ways. */
function report(name: WorkloadName, unit: string, entries: Map<string, Entry>, { json }: PeersOptions): void {
  const all = [...entries.values()].map((entry) => ({ ...entry, rate: median(entry.rates) }));
  const fastest = all.filter(({ peer, rate }) => !all.some((other) => other.peer === peer && other.rate > rate));
  const ours = fastest.find(({ peer }) => peer === 'rxrnn')?.rate;
  for (const { peer, version, rate, rates, lossFirst, lossLast } of fastest) {
    const ratio = ours === undefined ? null : ours / rate;
    if (json) {
      const losses = { loss_first: roundTo(lossFirst, 4), loss_last: roundTo(lossLast, 4) };
      const ways = all.filter((other) => other.peer === peer).map(({ version, rate }) => [version, roundTo(rate, 1)]);
      const figures = { [unit]: roundTo(rate, 1), ratio: roundTo(ratio, 3), rounds: rates.length };
      console.log(
        JSON.stringify({ workload: name, peer, version, ...figures, ...losses, ways: Object.fromEntries(ways) }),
      );
    } else {
      const figure = `${Math.round(rate).toLocaleString('en')} ${unit.replace('_per_', '/')}`.padStart(20);
      const losses = lossFirst === null ? '' : `loss ${lossFirst.toFixed(2)} → ${lossLast?.toFixed(2) ?? 'NaN'}`;
      const times = peer === 'rxrnn' || ratio === null ? '' : `ours × ${ratio.toFixed(2)}`;
      console.log(`${name.padEnd(13)} ${version.padEnd(34)} ${figure}  ${times.padEnd(15)} ${losses}`.trimEnd());
    }
  }
}
