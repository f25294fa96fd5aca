import { connect, credsAuthenticator, type NatsConnection, type TlsOptions } from '@nats-io/transport-node';
import { reasonOf } from '../check/reasonOf.js';
import { visible } from '../check/visible.js';
import type { ServerAddress } from './serverAddress.js';

/** How a server is reached. */
export interface ConnectionSettings {
  readonly credentials?: Uint8Array | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  readonly tls?: TlsOptions | undefined;
}

/** Milliseconds until a server greets. */
const GREETING = 10_000;
/** Milliseconds between two attempts to reach a server again: at first, and at most. */
const PAUSE = 100;
const LONGEST_PAUSE = 5000;

/** Connects to a server, and again whenever the connection is lost, less and less often until it succeeds. */
export async function connection(
  address: ServerAddress,
  { credentials, user = address.user, password = address.password, token = address.token, tls }: ConnectionSettings,
): Promise<NatsConnection> {
  let failures = 0;
  try {
    const made = await connect({
      servers: [...address.servers],
      name: 'rxrnn',
      maxReconnectAttempts: -1,
      reconnectDelayHandler: () => Math.min(PAUSE * 2 ** Math.min(failures++, 10), LONGEST_PAUSE),
      ignoreAuthErrorAbort: true,
      timeout: GREETING,
      pingInterval: 5000,
      maxPingOut: 2,
      ...(credentials && { authenticator: credsAuthenticator(credentials) }),
      ...(user !== undefined && { user }),
      ...(password !== undefined && { pass: password }),
      ...(token !== undefined && { token }),
      ...((tls ?? address.tls) && { tls: tls ?? {} }),
    });
    void (async () => {
      for await (const { type } of made.status()) if (type === 'reconnect') failures = 0;
    })();
    return made;
  } catch (cause) {
    throw new Error(`jetstreamBus: ${visible(address.shown)} cannot be reached: ${reasonOf(cause)}`, { cause });
  }
}
