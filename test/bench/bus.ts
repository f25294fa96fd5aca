// Workers on a bus: tokens per second for 1 to 4 of them, for 1 to 100,000 keys, the time until the keys of a killed
// worker are taken over, and bytes per key: `npm run bench:bus [-- --bus nats] [--json]`.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { count, from, lastValueFrom, take } from 'rxjs';
import { command } from '../../pipelines/cli/command.js';
import { bundledModelPath } from '../../pipelines/models/bundledModelPath.js';
import { type Bus, fileBus, fromBus, toBus } from '../../src/bus.js';
import { jetstreamBus } from '../../src/jetstream.js';
import { natsServer } from '../jetstream/natsServer.js';
import { bundledScript } from '../pipelines/bundledScript.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const LINE = 64; // characters, with the end
const PARTITIONS = 16;
const LEASE = 3; // seconds
const program = await bundledScript('worker.ts');

await command(import.meta.url, {
  about: 'Measures workers that score lines of 63 characters with names.safetensors.',
  options: {
    bus: { kind: 'text', choices: ['file', 'nats'], help: 'the engine', initial: 'file' },
    lines: { kind: 'count', help: 'lines per measurement', initial: 4000 },
    'most-workers': { kind: 'count', help: 'workers of the largest measurement', initial: 4, most: 64 },
    'most-keys': { kind: 'count', help: 'keys of the largest measurement', initial: 100_000 },
    seed: { kind: 'seed', help: 'accepted by every script; nothing is random here' },
    json: { kind: 'flag', help: 'JSON lines' },
  },
  async run({ bus: engine, lines, 'most-workers': mostWorkers, 'most-keys': mostKeys, json }) {
    const server = engine === 'nats' ? await natsServer() : undefined;
    const report = (figures: Readonly<Record<string, number>>): void =>
      console.log(json ? JSON.stringify({ bus: engine, ...figures }) : `${engine} ${JSON.stringify(figures)}`);
    let made = 0;

    /** Feeds a new bus, lets workers that are ready score it, and measures them from the first line to the last. */
    async function measure(workers: number, keys: number): Promise<void> {
      const folder = mkdtempSync(join(tmpdir(), 'rxrnn-bench-'));
      const url = server ? `${server.url}/bench${made++}` : `file:${folder}`;
      const bus = server
        ? await jetstreamBus(url, { partitions: PARTITIONS })
        : fileBus(folder, { partitions: PARTITIONS });
      const running = Array.from({ length: workers }, () => start(url));
      await Promise.all(running.map(speaks));
      await setTimeout(2 * LEASE * 1000); // until they share
      const started = performance.now();
      const total = Math.max(lines, keys);
      const done = lastValueFrom(fromBus(bus).pipe(take(total), count()));
      await feed(bus, total, keys);
      const fed = performance.now() - started;
      await done;
      const took = performance.now() - started;
      await setTimeout(500); // the last commit
      for (const worker of running) worker.kill('SIGKILL');
      const bytes = server ? undefined : { stateBytesPerKey: sizeOf(join(folder, 'states')) / keys, inBytesPerLine: sizeOf(join(folder, 'in')) / total }; // prettier-ignore
      report({ workers, keys, lines: total, feedLinesPerSecond: round((1000 * total) / fed), tokensPerSecond: round((1000 * total * LINE) / took), ...bytes }); // prettier-ignore
      await bus.close();
      rmSync(folder, { recursive: true, force: true });
    }

    try {
      for (let workers = 1; workers <= mostWorkers; workers++) await measure(workers, 100);
      for (let keys = 1; keys <= mostKeys; keys *= 100) await measure(1, keys);
      if (mostKeys >= 100_000) await measure(1, 100_000);
      report({ takeOverSeconds: await takeOver(server ? `${server.url}/over` : undefined), leaseSeconds: LEASE });
    } finally {
      await server?.remove();
    }
  },
});

/** Seconds from the kill of the only worker to the first result of the next, which was waiting. */
async function takeOver(url: string | undefined): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-bench-'));
  const bus = url ? await jetstreamBus(url, { partitions: 1 }) : fileBus(folder, { partitions: 1 });
  const first = start(bus.name);
  await speaks(first);
  const second = start(bus.name);
  await setTimeout(5000);
  first.kill('SIGKILL');
  const killed = performance.now();
  const done = lastValueFrom(fromBus(bus).pipe(take(1)));
  await feed(bus, 1, 1);
  await done;
  const seconds = (performance.now() - killed) / 1000;
  second.kill('SIGKILL');
  await bus.close();
  rmSync(folder, { recursive: true, force: true });
  return Math.round(100 * seconds) / 100;
}

function start(url: string): ChildProcess {
  const args = ['--bus', url, '--lease', `${LEASE}`, '--model', bundledModelPath('names'), '--json'];
  return spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function speaks(worker: ChildProcess): Promise<void> {
  await new Promise((resolve) => worker.stdout!.once('data', resolve));
  worker.stdout!.resume();
}

async function feed(bus: Bus, lines: number, keys: number): Promise<void> {
  const letters = readFileSync(join(PROJECT, 'data/dinosaurs.csv'), 'utf8').toLowerCase().replaceAll('\n', '');
  const values = Array.from({ length: lines }, (_, i) => ({
    key: `key ${i % keys}`,
    value: new TextEncoder().encode(letters.slice(i % 5000, (i % 5000) + LINE - 1)),
  }));
  await lastValueFrom(from(values).pipe(toBus(bus)));
}

function sizeOf(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.reduce((sum, name) => {
    const found = statSync(join(folder, name));
    return sum + (found.isFile() ? found.size : 0);
  }, 0);
}

function round(value: number): number {
  return Math.round(value);
}
