import type { Severity } from './logRecord.js';

const NAMES: Readonly<Record<string, Severity>> = {
  trace: 'trace',
  finest: 'trace',
  finer: 'trace',
  verbose: 'trace',
  fine: 'debug',
  debug: 'debug',
  info: 'info',
  information: 'info',
  notice: 'notice',
  warn: 'warn',
  warning: 'warn',
  err: 'error',
  error: 'error',
  severe: 'error',
  crit: 'critical',
  critical: 'critical',
  fatal: 'critical',
  alert: 'critical',
  emerg: 'critical',
  emergency: 'critical',
  panic: 'critical',
};
const OF_SYSLOG: readonly Severity[] = ['critical', 'critical', 'critical', 'error', 'warn', 'notice', 'info', 'debug'];
const OF_PINO: readonly Severity[] = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];

/**
 * The severity that a word or a number stands for: names in any case, 0 to 7 as of syslog, 10 to 60 as of pino; null for
 * any other.
 */
export function severityOf(level: string | number): Severity | null {
  const number = Number(level);
  if (level === '' || Number.isNaN(number)) {
    const name = String(level).toLowerCase();
    return Object.hasOwn(NAMES, name) ? NAMES[name]! : null;
  }
  if (number >= 10) return OF_PINO[number / 10 - 1] ?? null;
  return OF_SYSLOG[number] ?? null;
}
