import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { string } from '../check/string.js';
import { isLeft } from './isLeft.js';
import { temporaryName } from './temporaryName.js';

/**
 * Finds what processes that were killed have left of run logs which `writeLog` would have named `path`, for
 * `openLog(fileBytes(found), { unfinished: true })`: paths of files that are not empty, beside it.
 *
 * Processes of another machine cannot be seen, so a folder is for one machine. Names that begin with the same 48 characters
 * are not distinguished.
 *
 * ```ts
 * import { unfinishedLogs } from 'rxrnn/recording';
 *
 * console.log(unfinishedLogs('letters.log')); // -> []
 * ```
 */
export function unfinishedLogs(path: string): string[] {
  string('unfinishedLogs', 'path', path);
  const folder = dirname(path);
  const beginning = temporaryName(basename(path), false);
  return readdirSync(folder)
    .filter((name) => name.startsWith(beginning))
    .flatMap((name) => {
      const [, pid] = /^(\d+)-\d+$/.exec(name.slice(beginning.length)) ?? [];
      const found = join(folder, name);
      return pid !== undefined && isLeft(found, Number(pid)) && statSync(found).size > 0 ? [found] : [];
    });
}
