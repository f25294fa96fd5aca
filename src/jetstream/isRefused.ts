import { JetStreamApiError } from '@nats-io/jetstream';

/** Codes of the server: another entry was last; so in newer servers. */
const WRONG_LAST = new Set([10071, 10164]);

/** Whether a server refused an entry or a value because another one was last than its writer believed. */
export function isRefused(error: unknown): boolean {
  return error instanceof JetStreamApiError && WRONG_LAST.has(error.code);
}
