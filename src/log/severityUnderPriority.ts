import type { Severity } from './logRecord.js';

/** Priorities that a daemon gives to what says none. */
const BY_DEFAULT: ReadonlySet<Severity | null> = new Set([null, 'info', 'notice']);

/**
 * The severity of a message behind a priority of syslog: what the message itself says, where daemons give that priority to any
 * message, else the priority. `own` is only called where it counts.
 */
export function severityUnderPriority(
  priority: Severity | null,
  own: () => Severity | null | undefined,
): Severity | null {
  return BY_DEFAULT.has(priority) ? (own() ?? priority) : priority;
}
