import { UsageError } from '../cli/command.js';

/**
 * Throws a UsageError where a file holds a run of more steps than are to come, or than may come where the run has no end;
 * `option` named the file.
 */
export function checkLonger(path: string, option: string, before: unknown, steps: number): void {
  if (typeof before !== 'number' || (steps < Infinity && before <= steps)) return;
  const than = steps < Infinity ? `this one has ${steps}` : 'this one may be shorter';
  throw new UsageError(
    `${path} holds a run of ${before} steps, ${than}; --force overwrites it, another --${option} keeps it`,
  );
}
