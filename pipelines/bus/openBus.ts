import { readFileSync } from 'node:fs';
import { type Bus, fileBus, memoryBus } from '../../src/bus.js';
import { visible } from '../../src/index.js';
import { checkReadable } from '../cli/checkReadable.js';
import { UsageError } from '../cli/command.js';
import { say } from '../cli/say.js';

/** The options with which the scripts open a bus. */
export const BUS_OPTIONS = {
  bus: { kind: 'text', value: 'URL', help: 'file:FOLDER, nats://HOST:PORT[/NAME] or memory:', initial: 'memory:' },
  partitions: {
    kind: 'count',
    help: 'partitions of a bus that is made (64); one that exists keeps its own',
    most: 4096,
  },
  existing: {
    kind: 'flag',
    help: 'refuse a bus that does not exist; by default it is made, and standard error says so',
  },
  creds: { kind: 'text', value: 'FILE', help: 'credentials for NATS' },
  'tls-ca': {
    kind: 'text',
    value: 'FILE',
    help: 'certificates of the authorities that NATS may be signed by, with TLS',
  },
} as const;

/** What was given of these options. */
export interface BusValues {
  readonly bus: string;
  readonly partitions: number | undefined;
  readonly existing: boolean;
  readonly creds: string | undefined;
  readonly 'tls-ca': string | undefined;
}

/**
 * Opens a bus by its address: `file:FOLDER`, `nats://HOST:PORT/NAME`, or `memory:`, which lives in this process. Where
 * there is none it is made, and standard error says so, since it may be a typo; with `existing` it is an Error.
 */
export async function openBus(values: BusValues): Promise<Bus> {
  let made = false;
  const bus = await open(values, () => (made = true));
  if (made) {
    const what = `with ${bus.partitions} partitions (--existing would refuse that)`;
    say(`there was no bus at ${visible(bus.name)}: a new, empty one was made, ${what}`);
  }
  const { partitions } = values;
  if (partitions !== undefined && bus.partitions !== partitions) {
    say(`--partitions ${partitions}: the bus has had ${bus.partitions} since it was made`);
  }
  return bus;
}

async function open(
  { bus: url, partitions, existing, creds, 'tls-ca': ca }: BusValues,
  created: () => void,
): Promise<Bus> {
  if (existing && partitions !== undefined) {
    throw new UsageError('--partitions: is for a bus that is made, and --existing makes none');
  }
  const size = partitions === undefined ? {} : { partitions };
  const making = { ...size, create: !existing, created };
  const [, scheme, rest] = /^(\w+):(.*)$/s.exec(url) ?? [];
  const isServer = scheme === 'nats' || scheme === 'tls';
  for (const [option, path] of Object.entries({ creds, 'tls-ca': ca })) {
    if (path !== undefined && !isServer)
      throw new UsageError(`--${option}: is for a --bus nats://HOST:PORT, got ${url}`);
  }
  if (scheme === 'memory' && rest === '') return memoryBus(size);
  if (scheme === 'file' && rest !== '') return fileBus(rest!.replace(/^\/\/(?=\/)/, ''), making);
  if (!isServer || !/^\/\/[^/]/.test(rest!)) {
    throw new UsageError(`--bus must be file:FOLDER, nats://HOST:PORT or memory:, got ${url}`);
  }
  for (const path of [creds, ca]) if (path !== undefined) checkReadable(path);
  const { jetstreamBus } = await import('../../src/jetstream.js').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const packages = ['jetstream', 'kv', 'obj', 'transport-node'].map((name) => `@nats-io/${name}`).join(' ');
    throw new UsageError(`--bus ${url} needs packages that are not installed: npm install ${packages}`);
  });
  return jetstreamBus(url, {
    ...making,
    ...(creds !== undefined && { credentials: readFileSync(creds) }),
    ...(ca !== undefined && { tls: { ca: readFileSync(ca, 'utf8') } }),
  });
}
