import type { Severity } from './logRecord.js';

const LETTERS: Readonly<Record<string, Severity>> = {
  V: 'trace',
  D: 'debug',
  I: 'info',
  W: 'warn',
  E: 'error',
  F: 'critical',
};

/** The severity that a letter stands for, as of Android, klog, Ruby and MongoDB; undefined for any other text. */
export function severityOfLetter(letter: string): Severity | undefined {
  return LETTERS[letter];
}
