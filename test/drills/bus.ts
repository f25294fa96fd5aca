// Workers and servers that die, stop and are cut off while lines are scored: `npm run drill:bus [-- --only NAME]
// [--json]`. Exit status 1 where a score is lost, twice, out of order or has other bits than those of one process
// without faults.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect as connectTo } from '@nats-io/transport-node';
import { from, lastValueFrom, toArray } from 'rxjs';
import { scoreLinesByKey } from '../../pipelines/bus/linePipelines.js';
import { command } from '../../pipelines/cli/command.js';
import { bundledModelPath } from '../../pipelines/models/bundledModelPath.js';
import { type Bus, fileBus, fromBus, keySubject, memoryBus, partitionOf, runPartitions, toBus } from '../../src/bus.js';
import { decodeRecord } from '../../src/bus/stateRecord.js';
import { seeded } from '../../src/index.js';
import { jetstreamBus } from '../../src/jetstream.js';
import { simulate } from '../bus/simulation.js';
import { freePort, type NatsServer, natsServer, natsServerPath } from '../jetstream/natsServer.js';
import { bundledScript } from '../pipelines/bundledScript.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const KEYS = 16;
const LEASE = 1; // seconds
const model = readFileSync(bundledModelPath('names'));
const program = await bundledScript('worker.ts');

interface Context {
  readonly runs: number;
  readonly lines: readonly { key: string; value: Uint8Array }[];
  readonly random: { integer(below: number): number };
}

/** What is done to a bus while workers score; the figures of it. */
type Trial = (context: Context) => Promise<{ readonly bus: Bus; readonly end: () => Promise<void> }>;

const TRIALS: Readonly<Record<string, readonly [runs: number, trial: Trial]>> = {
  'file: kill -9 of workers': [40, (context) => onFiles(context, killWorkers)],
  'file: SIGSTOP of workers': [10, (context) => onFiles(context, stopWorkers)],
  'nats: kill -9 of workers': [40, (context) => onServer(context, killWorkers)],
  'nats: SIGSTOP of workers': [10, (context) => onServer(context, stopWorkers)],
  'nats: kill -9 of the server': [20, (context) => onServer(context, killServer)],
  'nats: a cut connection': [1, (context) => onServer(context, cut, true)],
  'nats: a full stream': [11, (context) => onServer(context, fill)],
  'file: a full disk': [10, (context) => onSmallDisk(context)],
};

await command(import.meta.url, {
  about:
    'Scores lines by two workers that are killed, stopped or cut off, and compares the scores with an undisturbed run.',
  options: {
    only: { kind: 'text', choices: ['schedule', ...Object.keys(TRIALS)], help: 'one trial' },
    runs: { kind: 'count', help: 'kills, stops or schedules (as many as the trial says)' },
    tokens: { kind: 'count', help: 'characters of all lines', initial: 20_000 },
    seed: { kind: 'seed', initial: 0, help: 'seed of lines and faults' },
    json: { kind: 'flag', help: 'JSON lines' },
  },
  async run({ only, runs, tokens, seed, json }) {
    if (only === undefined || only === 'schedule') await schedules(runs ?? 10_000, seed, json);
    for (const [name, [count, trial]] of Object.entries(TRIALS)) {
      if (only !== undefined && only !== name) continue;
      if (name.startsWith('nats') && natsServerPath === undefined) {
        console.log(`${name}: SKIPPED, there is no nats-server`);
        continue;
      }
      if (name === 'file: a full disk' && process.getuid?.() !== 0) {
        console.log(`${name}: SKIPPED, only root can make a small file system`);
        continue;
      }
      const lines = linesOf(tokens, seed);
      const started = performance.now();
      const { bus, end } = await trial({ runs: runs ?? count, lines, random: seeded(`${name} ${seed}`) });
      const figures = await compare(bus, await undisturbed(lines));
      await end();
      report(json, name, { runs: runs ?? count, lines: lines.length, ...figures, seconds: seconds(started) });
    }
  },
});

async function schedules(runs: number, seed: number, json: boolean): Promise<void> {
  const started = performance.now();
  const sum = { steps: 0, kills: 0, stops: 0, errors: 0, values: 0 };
  for (let i = 0; i < runs; i++) {
    const figures = await simulate(seed + i);
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += figures[name];
  }
  report(json, 'schedule', { runs, ...sum, wrong: 0, seconds: seconds(started) });
}

function linesOf(tokens: number, seed: number): Context['lines'] {
  const random = seeded(`lines ${seed}`);
  const names = readFileSync(join(PROJECT, 'data/dinosaurs.csv'), 'utf8').trim().split('\n');
  const lines: Context['lines'][number][] = [];
  for (let left = tokens; left > 0;) {
    const line = names[random.integer(names.length)]!.toLowerCase();
    lines.push({ key: `key.${random.integer(KEYS)} *`, value: new TextEncoder().encode(line) });
    left -= line.length + 1;
  }
  return lines;
}

/** The scores of one process without faults, on a bus in memory. */
async function undisturbed(lines: Context['lines']): Promise<Map<string, string>> {
  const bus = memoryBus();
  await lastValueFrom(from(lines).pipe(toBus(bus)));
  await lastValueFrom(runPartitions(bus, scoreLinesByKey(), { model, idleMilliseconds: 200 }));
  const items = await lastValueFrom(fromBus(bus, { idleMilliseconds: 200 }).pipe(toArray()));
  const scores = new Map(items.map(({ key, number, value }) => [`${key} ${number}`, Buffer.from(value).toString()]));
  for (const [name, state] of await statesOf(bus)) scores.set(name, state);
  return scores;
}

/** Digests of the final states, without what differs between buses: sequence numbers. */
async function statesOf(bus: Bus): Promise<[name: string, digest: string][]> {
  const names = Array.from({ length: KEYS }, (_, i) => `key.${i} *`);
  return Promise.all(
    names.map(async (key): Promise<[string, string]> => {
      const [found] = await bus.states.get(partitionOf(key, bus.partitions), [keySubject(key)]);
      const state = found && decodeRecord(found.data);
      return [
        `state of ${key}`,
        createHash('sha256')
          .update(state?.state ?? 'none')
          .update(`${state?.count}`)
          .digest('hex'),
      ];
    }),
  );
}

/** Throws where a score is lost, twice, out of order or another one. */
async function compare(bus: Bus, expected: Map<string, string>): Promise<Readonly<Record<string, number>>> {
  const items = await lastValueFrom(fromBus(bus, { idleMilliseconds: 15_000 }).pipe(toArray()));
  const last = new Map<string, number>();
  const figures = { lost: 0, twice: 0, outOfOrder: 0, otherBits: 0, otherStates: 0, states: KEYS };
  for (const { key, number, value } of items) {
    const before = last.get(key) ?? 0;
    if (number <= before) figures.twice += 1;
    else if (number !== before + 1) figures.outOfOrder += 1;
    last.set(key, number);
    if (expected.get(`${key} ${number}`) !== Buffer.from(value).toString()) figures.otherBits += 1;
  }
  figures.lost = Math.max(0, expected.size - KEYS - items.length);
  for (const [name, state] of await statesOf(bus)) if (expected.get(name) !== state) figures.otherStates += 1;
  const { states: _, ...faults } = figures;
  if (Object.values(faults).some((count) => count > 0)) process.exitCode = 1;
  return figures;
}

async function onFiles(context: Context, fault: Fault): Promise<Awaited<ReturnType<Trial>>> {
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-drill-'));
  const bus = fileBus(folder, { partitions: 16 });
  await disturb(context, bus, bus.name, fault, undefined);
  return {
    bus,
    async end() {
      await bus.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A bus on a small file system in memory, which only root can make. */
async function onSmallDisk(context: Context): Promise<Awaited<ReturnType<Trial>>> {
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-drill-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder]);
  const remove = (): void => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const bus = fileBus(join(folder, 'bus'), { partitions: 16 });
    await disturb(context, bus, bus.name, (scene) => fillDisk(scene, join(folder, 'ballast')), undefined);
    return {
      bus,
      async end() {
        await bus.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

async function onServer(context: Context, fault: Fault, proxied = false): Promise<Awaited<ReturnType<Trial>>> {
  const server = await natsServer();
  const bus = await jetstreamBus(server.url, { partitions: 16, patienceMilliseconds: 60_000 });
  const proxy = proxied ? await proxyTo(server.port) : undefined;
  await disturb(context, bus, proxy?.url ?? server.url, fault, server, proxy);
  return {
    bus,
    async end() {
      await bus.close();
      proxy?.close();
      await server.remove();
    },
  };
}

interface Scene extends Context {
  /** Resolves when the lines of this run are on the bus. */
  readonly fed: Promise<unknown>;
  readonly workers: ChildProcess[];
  readonly start: () => ChildProcess;
  readonly server: NatsServer | undefined;
  readonly proxy: Proxy | undefined;
}
type Fault = (scene: Scene, run: number) => Promise<void>;

/** Feeds the lines in as many parts as there are faults; then one worker ends when all is scored. */
async function disturb(
  context: Context,
  bus: Bus,
  url: string,
  fault: Fault,
  server: NatsServer | undefined,
  proxy?: Proxy,
): Promise<void> {
  const { runs, lines } = context;
  const options = ['--bus', url, '--lease', `${LEASE}`, '--model', bundledModelPath('names'), '--json'];
  const start = (...more: string[]): ChildProcess =>
    spawn(process.execPath, [program, ...options, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
  const workers = [start(), start()];
  await Promise.all(workers.map(speaks));
  const part = Math.ceil(lines.length / runs);
  for (let run = 0; run < runs; run++) {
    const fed = lastValueFrom(from(lines.slice(run * part, (run + 1) * part)).pipe(toBus(bus)), {
      defaultValue: undefined,
    });
    await fault({ ...context, fed, workers, start, server, proxy }, run);
    await fed;
  }
  for (const worker of workers) worker.kill('SIGKILL');
  const last = start('--until-idle', '1');
  last.stdout!.resume();
  const status = await new Promise((resolve) => last.once('exit', resolve));
  if (status !== 0) throw new Error(`the last worker ended with ${String(status)}`);
}

async function speaks(worker: ChildProcess): Promise<void> {
  await new Promise((resolve) => worker.stdout!.once('data', resolve));
  worker.stdout!.resume();
}

async function killWorkers({ workers, start, random }: Scene): Promise<void> {
  await setTimeout(random.integer(150));
  const i = random.integer(workers.length);
  workers[i]!.kill('SIGKILL');
  const next = start();
  workers[i] = next;
  await speaks(next); // it has a share, so that the next kill meets a worker that works
}

async function stopWorkers({ workers, random }: Scene): Promise<void> {
  await setTimeout(random.integer(150));
  const worker = workers[random.integer(workers.length)]!;
  worker.kill('SIGSTOP');
  await setTimeout(2500 * LEASE);
  worker.kill('SIGCONT');
  await setTimeout(500);
}

async function killServer({ server, random }: Scene): Promise<void> {
  await setTimeout(random.integer(300));
  await server!.kill();
  await setTimeout(200);
  await server!.start();
  await setTimeout(500);
}

async function cut({ proxy }: Scene): Promise<void> {
  await setTimeout(200);
  proxy!.open(false);
  await setTimeout(10_000);
  proxy!.open(true);
  await setTimeout(2000);
}

/**
 * Lets each of the streams in turn take so few of the next lines that publishes are refused for seconds. The limit is set
 * while nothing comes, and above what the stream has: a server that gets one below drops the oldest entries.
 */
async function fill({ server, fed, runs }: Scene, run: number): Promise<void> {
  const connection = await connectTo({ servers: server!.url });
  const { streams } = await jetstreamManager(connection);
  const nameOf = (run: number): string => `rxrnn-${['in', 'out'][run % 2]!}`;
  if (run > 0) {
    await setTimeout(3000);
    const { state, config } = await streams.info(nameOf(run - 1));
    if (state.messages !== config.max_msgs) throw new Error(`${config.name} was not full: ${state.messages} messages`);
    await streams.update(config.name, { max_msgs: -1 });
  }
  await fed;
  await setTimeout(2000);
  const { state, config } = await streams.info(nameOf(run));
  if (run < runs - 1) await streams.update(config.name, { max_msgs: state.messages + 4 });
  await connection.close();
}

/** Fills the disk to the last byte for three seconds, once the lines are stored. */
async function fillDisk({ fed }: Scene, ballast: string): Promise<void> {
  await fed;
  const file = openSync(ballast, 'w');
  try {
    for (const size of [1 << 20, 4096, 1]) {
      try {
        for (;;) writeSync(file, new Uint8Array(size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
    await setTimeout(3000);
  } finally {
    closeSync(file);
    rmSync(ballast);
  }
}

interface Proxy {
  readonly url: string;
  open(so: boolean): void;
  close(): void;
}

/** A port that leads to a server, and can be shut. */
async function proxyTo(port: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer((socket) => {
    if (!open) return socket.destroy();
    const there = connect(port, '127.0.0.1');
    for (const one of [socket, there])
      sockets.add(one.on('error', () => undefined).on('close', () => sockets.delete(one)));
    socket.pipe(there).pipe(socket);
  });
  const own = await freePort();
  await new Promise<void>((resolve) => server.listen(own, '127.0.0.1', resolve));
  return {
    url: `nats://127.0.0.1:${own}`,
    open(so) {
      open = so;
      if (!so) for (const socket of sockets) socket.destroy();
    },
    close: () => void server.close(),
  };
}

function seconds(started: number): number {
  return Math.round((performance.now() - started) / 100) / 10;
}

function report(json: boolean, drill: string, figures: Readonly<Record<string, number>>): void {
  if (json) console.log(JSON.stringify({ drill, ...figures }));
  else console.log(`${drill}: ${Object.entries(figures).map(([name, value]) => `${name} ${value}`).join(', ')}`); // prettier-ignore
}
