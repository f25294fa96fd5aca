import { JetStreamApiError } from '@nats-io/jetstream';

/** Whether a server has no stream, message or consumer of that name. */
export function isMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && (error.status === 404 || /not found/.test(error.message));
}
