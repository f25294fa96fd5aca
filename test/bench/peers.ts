import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../pipelines/cli/command.js';
import type { Machinery } from './job.js';
import { peerEnvironment, peerList, type Way } from './peerList.js';
import { type Entry, peerLines } from './peerLines.js';
import { peerTable } from './peerTable.js';
import { UNITS, type WorkloadName, WORKLOADS } from './workloads.js';

export interface PeersOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly threads: number;
  readonly core: number;
  readonly json: boolean;
  /** Another Node, in which our library takes part as well. */
  readonly node: string | undefined;
  /** Whether all ratios are printed as a table in the end. */
  readonly table: boolean;
}

/** Runs our library and each peer in turn on the same cores, round after round, and prints medians and ratios. */
export async function peers(
  names: readonly WorkloadName[],
  { backend }: Machinery,
  options: PeersOptions,
): Promise<void> {
  const { seconds, rounds, threads, core, json, table, node } = options;
  const nodes = [process.execPath, ...(node === undefined ? [] : [node])].map((path) => ({
    path,
    version: versionOf(path),
  }));
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
  const results = new Map<WorkloadName, readonly Entry[]>();
  try {
    for (const name of names) {
      const entries = measureAll(name);
      results.set(name, entries);
      for (const line of peerLines(name, entries, json)) console.log(line);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  if (table) for (const line of peerTable(results, { threads, rounds, missing })) console.log(line);

  function measureAll(name: WorkloadName): Entry[] {
    const workload = WORKLOADS[name];
    const unit = UNITS[workload.kind];
    const entries: Entry[] = [];
    const suited = ways.filter(({ suits }) => suits(workload));
    const path = join(folder, `${name}.onnx`);
    const task = (mode: string): string => JSON.stringify({ ...workload, seconds, threads, mode, path });
    for (const { prepare } of suited) if (prepare) spawnSync(prepare[0]!, [...prepare.slice(1), task('')], { env });

    for (let round = 0; round < rounds; round++) {
      for (const { path, version } of nodes) {
        const line = run(`rxrnn, Node ${version}`, ourCommand(path, name));
        const arithmetic = `${String(line?.['backend'])}, ${String(line?.['vector_bits'])} bits`;
        note(entries, 'rxrnn', `rxrnn ${arithmetic}, Node ${version}`, line, [unit, 'loss_first', 'loss_last']);
      }
      for (const way of suited) {
        const line = run(label(way), [...way.command, task(way.mode)]);
        note(entries, way.peer, String(line?.['peer']), line, ['rate', 'lossFirst', 'lossLast']);
      }
    }
    return entries;
  }

  function ourCommand(path: string, name: WorkloadName): string[] {
    const bench = fileURLToPath(new URL('bench.ts', import.meta.url));
    const chosen = backend === undefined ? [] : ['--backend', backend];
    const flags = ['--workload', name, '--seconds', `${seconds}`, '--threads', `${threads}`, ...chosen, '--json'];
    return [path, ...process.execArgv, bench, ...flags];
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

/** The version of a Node; a UsageError where there is none. */
function versionOf(path: string): string {
  const { status, stdout } = spawnSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  throw new UsageError(`--node must be the path of a Node, got ${path}`);
}

/** Adds the result of a round to those of the same program: its rate and two losses, under the names that it has. */
function note(
  entries: Entry[],
  peer: string,
  version: string,
  line: Record<string, unknown> | undefined,
  [rate, first, last]: readonly [string, string, string],
): void {
  if (!line) return;
  let entry = entries.find((other) => other.version === version);
  if (!entry) entries.push((entry = { peer, version, rates: [], lossFirst: null, lossLast: null }));
  entry.rates.push(Number(line[rate]));
  entry.lossFirst = line[first] as number | null;
  entry.lossLast = line[last] as number | null;
}
