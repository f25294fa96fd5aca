import { existsSync } from 'node:fs';
import { visible } from '../../src/index.js';
import { UsageError } from '../cli/command.js';
import { openRun } from './openRun.js';

/** Throws a UsageError where a file exists and does not hold a recording of this system, before the system is run. */
export function checkOverwriteRecording(path: string, system: string): void {
  if (!existsSync(path)) return;
  const insist = '--force overwrites it, another --out keeps it';
  let before: unknown;
  try {
    ({ system: before } = Object(openRun(path).about) as { readonly system?: unknown });
  } catch {
    throw new UsageError(`${path} exists and is not a recording; ${insist}`);
  }
  if (before === system) return;
  const what = typeof before === 'string' ? `of ${visible(before, { most: 200 })}` : 'of another run';
  throw new UsageError(`${path} holds a recording ${what}; ${insist}`);
}
