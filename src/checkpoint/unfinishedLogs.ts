import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { string } from '../check/string.js';
import { leftTemporaries } from './leftTemporaries.js';
import { temporaryName } from './temporaryName.js';

/**
 * Finds what processes that were killed have left of run logs which `writeLog` would have named `path`, for
 * `openLog(fileBytes(found), { unfinished: true })`: paths of files that are not empty, beside it.
 *
 * Processes of another machine cannot be seen: what one of them writes is found when nothing was added for a day. Names
 * that begin with the same 48 characters are not distinguished.
 *
 * ```ts
 * import { unfinishedLogs } from 'rxrnn/recording';
 *
 * console.log(unfinishedLogs('letters.log')); // -> []
 * ```
 */
export function unfinishedLogs(path: string): string[] {
  string('unfinishedLogs', 'path', path);
  const left = leftTemporaries(dirname(path), temporaryName(basename(path), false));
  return left.filter((found) => statSync(found).size > 0);
}
