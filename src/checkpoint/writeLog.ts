import type { Observable } from 'rxjs';
import { operator } from '../flow/operator.js';
import type { Entry } from '../record/recording.js';
import { RUN_LOG_CHECKS, runLog, type RunLogOptions } from '../record/runLog.js';
import { replaceFile } from './replaceFile.js';
import { options as checkOptions } from '../check/options.js';
import { reasonOf } from '../check/reasonOf.js';
import { stream } from '../check/stream.js';
import { string } from '../check/string.js';
import { visible } from '../check/visible.js';

/**
 * Writes the entries of a run to a run log, block by block, and completes when it is on the disk: a whole log or none.
 *
 * ```
 * run.entries$             -a-b-c-d|
 * writeLog(path, …)       --------|      the file has its name from here on
 * ```
 *
 * A block is written before the entry that filled it returns, so the disk sets the pace. Until the end the entries are in
 * a temporary file beside the log, which is removed where the run fails or is left, and where it cannot be written.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { fileBytes, openLog, recorder, replayLog, writeLog } from 'rxrnn/recording';
 *
 * const run = recorder({ keep: false });
 * writeLog('letters.log', run.entries$).subscribe();
 * from('hello').pipe(run.record('letters')).subscribe();
 * run.end();
 * const file = fileBytes('letters.log');
 * const log = openLog(file);
 * console.log(log.entries); // -> 6
 * replayLog(log).subscribe({ complete: () => file.close() });
 * ```
 */
export function writeLog(path: string, entries$: Observable<Entry>, given: RunLogOptions = {}): Observable<never> {
  string('writeLog', 'path', path);
  stream('writeLog', 'entries$', entries$);
  const options = checkOptions('writeLog', given, RUN_LOG_CHECKS);
  const encoder = new TextEncoder();
  const toDisk = operator<string, never>((subscriber) => {
    const replacement = writing(path, () => replaceFile(path, { hidden: false }));
    return {
      next: (text) => writing(path, () => replacement.write(encoder.encode(`${text}\n`))),
      complete() {
        writing(path, () => replacement.commit());
        subscriber.complete();
      },
      close: () => replacement.discard(),
    };
  });
  return entries$.pipe(runLog(options), toDisk);
}

/** Does what the disk may refuse, with the message of `writeFileAtomic`. */
function writing<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new Error(`writeLog: ${visible(path)} could not be written: ${reasonOf(cause)}`, { cause });
  }
}
