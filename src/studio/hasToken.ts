import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Whether a request brings the token, in its header or in its address. */
export function hasToken(request: IncomingMessage, token: string): boolean {
  return isToken(tokenOf(request), token);
}

function tokenOf({ headers, url }: IncomingMessage): string {
  const given = headers['x-studio-token'];
  if (typeof given === 'string') return given;
  return new URLSearchParams((url ?? '').split('?')[1]).get('token') ?? '';
}

/** Compares in constant time. */
function isToken(given: string, token: string): boolean {
  const [a, b] = [given, token].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a!, b!);
}
