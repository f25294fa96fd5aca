import { visible } from '../check/visible.js';

/** An address, taken apart. */
export interface ServerAddress {
  /** The address without user and password, for messages. */
  readonly shown: string;
  /** `HOST:PORT` of servers of one cluster. */
  readonly servers: readonly string[];
  /** Whether the connection must be encrypted. */
  readonly tls: boolean;
  /** The name of the bus; `undefined` where the address has none. */
  readonly name: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
}

const FORM = /^(nats|tls):\/\/(?:([^/@\s]*)@)?([^/@\s]+)(?:\/([^/]*))?$/;

/**
 * Takes an address apart: `nats://HOST:PORT/NAME`, with several servers of a cluster `nats://HOST:PORT,HOST:PORT/NAME`,
 * with `USER:PASSWORD@` or `TOKEN@` before the first, `tls://` where the connection must be encrypted. A RangeError for
 * anything else.
 */
export function serverAddress(url: string): ServerAddress {
  const one = url.replace(/,(?:nats|tls):\/\//g, ',');
  const [, scheme, account, hosts, name] = FORM.exec(one) ?? [];
  const servers = hosts?.split(',') ?? [];
  if (servers.length === 0 || servers.includes('')) {
    const shown = visible(url.replace(/\/\/[^/]*@/, '//…@')); // no password in messages
    throw new RangeError(`jetstreamBus: url must be nats://HOST:PORT or nats://HOST:PORT/NAME, got ${shown}`);
  }
  const [, user, password] = /^([^:]*):(.*)$/.exec(account ?? '')?.map(decode) ?? [];
  return {
    shown: `${scheme}://${servers.join(',')}`,
    servers,
    tls: scheme === 'tls',
    name: name || undefined,
    user,
    password,
    token: account !== undefined && user === undefined ? decode(account) : undefined,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a % that escapes nothing
  }
}
