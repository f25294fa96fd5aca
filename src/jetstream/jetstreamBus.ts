import { jetstream, type JetStreamManager, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { Objm } from '@nats-io/obj';
import type { NatsConnection, TlsOptions } from '@nats-io/transport-node';
import type { Bus } from '../bus/bus.js';
import { MISSING_BUS } from '../bus/missingBus.js';
import { MOST_PARTITIONS } from '../bus/partitionOf.js';
import { callable } from '../check/callable.js';
import { flag } from '../check/flag.js';
import { checkBytes } from '../check/checkBytes.js';
import { checkRecord } from '../check/checkRecord.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positive } from '../check/positive.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { reasonOf } from '../check/reasonOf.js';
import { string } from '../check/string.js';
import { visible } from '../check/visible.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { ABOUT, aboutBus } from './aboutBus.js';
import { bucketLeases } from './bucketLeases.js';
import { bucketStates } from './bucketStates.js';
import { checkPartitions } from './checkPartitions.js';
import { checkServer } from './checkServer.js';
import { connection } from './connection.js';
import { explainError } from './explainError.js';
import { explainingBus } from './explainingBus.js';
import { makeStreams } from './makeStreams.js';
import { objectBlobs } from './objectBlobs.js';
import { type ServerAddress, serverAddress } from './serverAddress.js';
import { setValue } from './setValue.js';
import { streamLog } from './streamLog.js';

/** How a bus on a server is reached and made. */
export interface JetstreamBusOptions {
  /** The beginning of the names of its streams, of letters, digits, `-` and `_`; that of the address, or `rxrnn`. */
  readonly name?: string | undefined;
  /** Partitions of a bus that is made; 64 by default. One that exists keeps its own number: see `Bus.partitions`. */
  readonly partitions?: number | undefined;
  /** The largest entry or value, in bytes: what the server allows by default, less 4 KiB for what goes with it. */
  readonly maxBytes?: number | undefined;
  /**
   * The most entries of each log that is made; a full one refuses entries until it is trimmed. Unlimited by default.
   * (Not bytes: at a limit in bytes server 2.9.10 drops the oldest entry for a small new one, even where it is to
   * refuse it.)
   */
  readonly maxLogEntries?: number | undefined;
  /** Servers that each store everything, 1, 3 or 5, of a bus that is made; 1 by default. */
  readonly replicas?: number | undefined;
  /**
   * Milliseconds for which an entry is tried again while the server does not answer or is full; 30,000 by default. At
   * most half of the time for which the server knows messages that are sent again: 60,000 on a bus that exists, unless
   * it was made with more.
   */
  readonly patienceMilliseconds?: number | undefined;
  /** Whether a bus is made where there is none; `true` by default. With `false` a missing one is an Error. */
  readonly create?: boolean | undefined;
  /** Called where a bus was made, so that a typo in the address does not go unnoticed. */
  readonly created?: (() => void) | undefined;
  /** The content of a credentials file (`.creds`); none by default. */
  readonly credentials?: Uint8Array | undefined;
  /** A user; none by default. */
  readonly user?: string | undefined;
  /** The password of the user; none by default. */
  readonly password?: string | undefined;
  /** A token instead of a user; none by default. */
  readonly token?: string | undefined;
  /**
   * TLS as `@nats-io/transport-node` takes it: `ca`, `cert`, `key`, or files; an empty object asks for TLS, and so does
   * an address that begins with `tls://`. By default what the server asks for.
   */
  readonly tls?: TlsOptions | undefined;
}

/** Bytes of a message beside its data: subject, headers. */
const HEADROOM = 4096;
/** The least that a message must hold beside that. */
const LEAST_BYTES = 4096;
/** Milliseconds until an answer. */
const ANSWER = 5000;

/**
 * Opens a bus on a NATS server with JetStream, and makes it where there is none: `nats://HOST:PORT` or
 * `nats://HOST:PORT/NAME`, of a cluster `nats://HOST:PORT,HOST:PORT/NAME`, with an account `nats://USER:PASSWORD@…` or
 * `nats://TOKEN@…`. It needs the packages `@nats-io/transport-node`, `jetstream`, `kv` and `obj`.
 *
 * Three streams hold what comes in, what comes out and dead letters; two key-value buckets hold states and leases; an
 * object store holds models. Values are read in order from a sequence number, by ordered consumers with names, which
 * are deleted: durable consumers with acknowledgements change the order after a crash. Entries have message IDs, so
 * that one that is sent again is stored once, and outputs carry the sequence number that must be the last of their
 * subject.
 *
 * A connection that is lost is made again, less and less often. An Error where the server cannot be reached at first,
 * does not have JetStream, is older than 2.9, or refuses the credentials, and where streams of these names are not
 * those of a bus.
 */
export function jetstreamBus(url: string, given: JetstreamBusOptions = {}): Promise<Bus> {
  string('jetstreamBus', 'url', url);
  given = checkOptions('jetstreamBus', given, {
    name: optional(string),
    partitions: optional(wholeNumber(1, MOST_PARTITIONS)),
    maxBytes: optional(positiveInteger),
    maxLogEntries: optional(positiveInteger),
    replicas: optional(positiveInteger),
    patienceMilliseconds: optional(positive),
    create: optional(flag),
    created: optional(callable),
    credentials: optional(checkBytes),
    user: optional(string),
    password: optional(string),
    token: optional(string),
    tls: optional(checkRecord),
  });
  const address = serverAddress(url);
  const name = given.name ?? address.name ?? 'rxrnn';
  if (!/^[\w-]{1,60}$/.test(name)) {
    throw new RangeError(`jetstreamBus: name must have 1 to 60 letters, digits, - and _, got ${visible(name)}`);
  }
  return open(address, name, given);
}

async function open(address: ServerAddress, name: string, given: JetstreamBusOptions): Promise<Bus> {
  const made = await connection(address, given);
  try {
    checkServer(made.info!, HEADROOM + LEAST_BYTES);
    const manager = await jetstreamManager(made, { timeout: ANSWER });
    const patience = given.patienceMilliseconds ?? 30_000;
    const { maxLogEntries, replicas } = given;
    if (given.create === false && (await aboutBus(manager, name)) === undefined) {
      throw new Error(`it has no bus of the name ${name}; ${MISSING_BUS}`);
    }
    await makeStreams(manager, name, { maxLogEntries, replicas, patience });
    return await busOn(made, manager, `${address.shown}/${name}`, name, { ...given, patienceMilliseconds: patience });
  } catch (cause) {
    const reason = reasonOf(await explainError(made, cause, { address: 'it', waited: ANSWER }));
    await made.close();
    throw new Error(`jetstreamBus: ${visible(address.shown)}: ${reason}`, { cause });
  }
}

/** The bus of a connection, once its streams are there. */
async function busOn(
  made: NatsConnection,
  manager: JetStreamManager,
  address: string,
  name: string,
  given: JetstreamBusOptions,
): Promise<Bus> {
  const client = jetstream(made, { timeout: ANSWER });
  const size = { replicas: given.replicas ?? 1, storage: StorageType.File };
  const kvm = new Kvm(client);
  const states = await kvm.create(`${name}-states`, { ...size, history: 1 });
  const leases = await kvm.create(`${name}-leases`, { ...size, history: 1 });
  const blobs = await new Objm(client).create(`${name}-blobs`, size);
  const most = made.info!.max_payload - HEADROOM;
  const maxBytes = Math.min(given.maxBytes ?? most, most);
  const about = new TextEncoder().encode(JSON.stringify({ version: 1, partitions: given.partitions ?? 64 }));
  if ((await setValue(states, ABOUT, about, 0)) !== undefined) given.created?.();
  const partitions = await aboutBus(manager, name);
  if (partitions === undefined)
    throw new Error(`the record ${ABOUT} of its bucket ${name}-states was deleted just now`);
  await checkPartitions(leases, name, partitions);
  const waiting = { patience: given.patienceMilliseconds!, isClosed: () => made.isClosed() };
  const bus = {
    name: address,
    partitions,
    maxBytes,
    log: streamLog({ name, client, manager, maxBytes, answer: ANSWER, ...waiting }),
    states: bucketStates(states, maxBytes),
    leases: bucketLeases(leases, { manager, stream: `KV_${name}-leases`, maxBytes }),
    blobs: objectBlobs(blobs, { manager, bucket: `${name}-blobs`, address, ...waiting }),
    close: () => made.close(),
  };
  return explainingBus(bus, made, { answer: ANSWER, patience: waiting.patience });
}
