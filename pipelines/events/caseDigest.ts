import { createHash } from 'node:crypto';
import type { CaseEvent } from './cases.js';

/** A digest of a case, by its name, its events and their times: eight characters. */
export function caseDigest(name: string, events: readonly CaseEvent[]): string {
  const text = JSON.stringify([name, ...events.map(({ event, time }) => [event, time])]);
  return createHash('sha256').update(text).digest('base64').slice(0, 8);
}
