import { JetStreamApiError } from '@nats-io/jetstream';

/** The code of the server: there is no such stream. */
const NO_STREAM = 10_059;

/** Whether a server has no stream of that name. */
export function isMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === NO_STREAM;
}
