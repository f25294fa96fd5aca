// A NATS server for one test file, on a free port and with a folder of its own; Debian's nats-server, or NATS_SERVER.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until.js';

const PLACES = ['/usr/sbin/nats-server', '/usr/bin/nats-server', '/usr/local/bin/nats-server'];

/** The path of the server's program; `undefined` where it is not installed. */
export const natsServerPath: string | undefined = process.env['NATS_SERVER'] ?? PLACES.find((path) => existsSync(path));

if (natsServerPath === undefined) {
  console.log(`SKIPPED NATS: none of ${PLACES.join(', ')}, and NATS_SERVER names none`);
}

/** A server that is running. */
export interface NatsServer {
  readonly url: string;
  readonly port: number;
  readonly process: () => ChildProcess;
  /** Ends it with a signal and waits for its end. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again with the same port and folder. */
  start(): Promise<void>;
  /** Ends it and deletes its folder. */
  remove(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a server, with JetStream unless that is false; `configuration` is added to its file. */
export async function natsServer(
  configuration: (folder: string) => string = () => '',
  { jetstream = true }: { readonly jetstream?: boolean } = {},
): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-nats-'));
  const port = await freePort();
  const file = join(folder, 'server.conf');
  const store = jetstream ? `jetstream { store_dir: "${folder}" }` : '';
  writeFileSync(file, `port: ${port}\nhost: 127.0.0.1\n${store}\n${configuration(folder)}`);
  let child: ChildProcess;

  async function start(): Promise<void> {
    child = spawn(natsServerPath!, ['-c', file], { stdio: 'ignore' });
    running.add(child);
    await until(() => child.exitCode !== null || answers(port));
    if (child.exitCode !== null) throw new Error('nats-server did not start');
  }
  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    running.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    process: () => child,
    kill,
    start,
    async remove() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Finds a port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Whether a NATS server greets at a port. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTo(port, '127.0.0.1');
    const end = (so: boolean): void => {
      socket.destroy();
      resolve(so);
    };
    socket.once('data', () => end(true)).once('error', () => end(false));
  });
}
