import { JetStreamApiError } from '@nats-io/jetstream';
import { type NatsConnection, TimeoutError } from '@nats-io/transport-node';
import { reasonOf } from '../check/reasonOf.js';

const MORE = 'delete what is not needed, or raise';
/** What to do where a server has no room, by its codes: for the server, its memory, its disk, and an account. */
const ADVICE: ReadonlyMap<number, string> = new Map([
  [
    10_023,
    `the server has no storage left: ${MORE} its max_file_store, for which its disk must have room; then start it again`,
  ],
  [10_028, `the server has no memory left for streams: ${MORE} its max_memory_store; then start it again`],
  [
    10_047,
    `the server has no storage left: ${MORE} its max_file_store, for which its disk must have room; then start it again`,
  ],
  [10_002, `the account has no storage left on the server: ${MORE} its max_file`],
]);
/** Milliseconds within which a server that is there answers a ping. */
const PING = 2000;

/** Which server was asked, and the milliseconds that an answer was waited for. */
export interface Asked {
  readonly address: string;
  readonly waited: number;
}

/**
 * Says what an error of a server means for the person who runs it: that there is no room, that what the bus
 * had is gone, or that it gave no answer, and whether it is there. Other errors stay as they are.
 */
export async function explainError(
  connection: NatsConnection,
  error: unknown,
  { address, waited }: Asked,
): Promise<unknown> {
  const advice = error instanceof JetStreamApiError ? ADVICE.get(error.code) : undefined;
  if (advice !== undefined) return new Error(`${reasonOf(error)}: ${advice}`, { cause: error });
  if (error instanceof Error && error.name === 'JetStreamNotEnabled') {
    const what = 'the server has no such stream of the bus, or no JetStream';
    return new Error(`${what}: it was deleted, or the server was started with another store`, { cause: error });
  }
  if (!(error instanceof TimeoutError)) return error;
  const within = `within ${waited / 1000} s`;
  const why = (await answers(connection))
    ? `the server is there, but its JetStream has not answered ${within}: it is starting or too busy, or its disk was ` +
      'full: then make room and start it again'
    : `${address} has not answered ${within}: check that the server runs, and the network to it`;
  return new Error(`timeout: ${why}`, { cause: error });
}

async function answers(connection: NatsConnection): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), PING)));
  const there = connection.rtt().then(
    () => true,
    () => false, // it is being connected again
  );
  return Promise.race([there, late]).finally(() => clearTimeout(timer));
}
