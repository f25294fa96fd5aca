import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { visible } from '../../src/index.js';
import { UsageError } from '../cli/command.js';
import { openRun } from '../replay/openRun.js';
import { checkLonger } from './checkLonger.js';

/**
 * Throws a UsageError where a file exists and does not hold a studio's run on the same data, or one of more steps than are
 * to come, before anything is trained.
 */
export function checkOverwriteRun(path: string, data: string, steps: number): void {
  if (!existsSync(path)) return;
  const insist = '--force overwrites it, another --record keeps it';
  let about: unknown;
  let last: number | undefined;
  try {
    const { log, ...run } = openRun(path);
    ({ about } = run);
    last = log?.read(log.blocks.length - 1).at(-1)?.step;
  } catch {
    throw new UsageError(`${path} exists and is not a recording; ${insist}`);
  }
  const { pipeline, settings } = Object(about) as { readonly pipeline?: unknown; readonly settings?: unknown };
  const { data: before } = Object(settings) as { readonly data?: unknown };
  if (pipeline === 'studio' && typeof before === 'string' && resolve(before) === resolve(data))
    return checkLonger(path, 'record', last, steps);
  const what =
    pipeline === 'studio' && typeof before === 'string' ? `of ${visible(before, { most: 200 })}` : 'of another run';
  throw new UsageError(`${path} holds a recording ${what}; ${insist}`);
}
