import type { Severity } from './logRecord.js';

/**
 * The severity of a request with an HTTP status: an error from 500 on, a warning from 400 on. One that the log calls a warning or
 * worse itself keeps that.
 */
export function severityOfStatus(status: number, given: Severity | null = null): Severity {
  if (given === 'warn' || given === 'error' || given === 'critical') return given;
  return status >= 500 ? 'error' : status >= 400 ? 'warn' : (given ?? 'info');
}
