import type { IncomingMessage } from 'node:http';
import { hasToken } from './hasToken.js';

/** What a request is refused with. */
export interface Refusal {
  readonly status: 403 | 421;
  readonly reason: string;
}

/**
 * Checks that a request comes from a page of this server, on this machine; undefined where it does. Another `Host` is
 * 421: a name that an attacker has pointed here (DNS rebinding). Another `Origin` is 403, and so is what a browser says
 * comes from another site, since a page may embed what it cannot read. What is not a GET needs the token.
 */
export function refusalOf(request: IncomingMessage, port: number, token: string): Refusal | undefined {
  const { host, origin, 'sec-fetch-site': site = 'none', 'sec-fetch-mode': mode } = request.headers;
  const hosts = ['127.0.0.1', 'localhost', '[::1]'].map((name) => (port === 80 ? name : `${name}:${port}`));
  if (host === undefined || !hosts.includes(host) || request.headersDistinct['host']!.length > 1)
    return { status: 421, reason: 'this server answers to its own name only' };
  if (origin !== undefined && origin !== `http://${host}`) {
    return { status: 403, reason: 'a page of another origin may neither look nor steer' };
  }
  const opened = mode === 'navigate' && request.headers['sec-fetch-dest'] === 'document'; // a link was followed
  if (site !== 'same-origin' && site !== 'none' && !opened) {
    return { status: 403, reason: 'a page of another site may neither look nor steer' };
  }
  if (request.method !== 'GET' && request.method !== 'HEAD' && !hasToken(request, token)) {
    return { status: 403, reason: 'steering needs the token that is in the address of the page' };
  }
  return undefined;
}
