import type { Observable } from 'rxjs';
import { operator } from '../flow/operator.js';
import type { Entry } from '../record/recording.js';
import { logText } from '../record/logText.js';
import { BLOCK, RUN_LOG_CHECKS, type RunLogOptions } from '../record/runLog.js';
import { replaceFile } from './replaceFile.js';
import { options as checkOptions } from '../check/options.js';
import { reasonOf } from '../check/reasonOf.js';
import { stream } from '../check/stream.js';
import { string } from '../check/string.js';
import { visible } from '../check/visible.js';

/** Milliseconds after which an entry is in the file. */
const WITHIN = 1000;

/**
 * Writes the entries of a run to a run log, block by block, and completes when it is on the disk: a whole log or none.
 *
 * ```
 * run.entries$             -a-b-c-d|
 * writeLog(path, …)       --------|      the file has its name from here on
 * ```
 *
 * A block is written before the entry that filled it returns, so the disk sets the pace, and what came of the next one
 * within a second. Until the end the entries are in a temporary file beside the log, which is removed where the run fails
 * or is left, and where it cannot be written. A process that is killed leaves it: `unfinishedLogs` finds it, and
 * `openLog(file, { unfinished: true })` reads it, of which at most the last second is missing.
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
  const { about = null, block = BLOCK } = options;
  return entries$.pipe(
    operator<Entry, never>((subscriber) => {
      const replacement = writing(path, () => replaceFile(path, { hidden: false }));
      const log = logText(about, block);
      let text = ''; // not written yet
      let written = performance.now();
      function put(): void {
        written = performance.now();
        if (text === '') return;
        const bytes = encoder.encode(text);
        text = '';
        writing(path, () => replacement.write(bytes));
      }
      const timer = setInterval(() => {
        try {
          put();
        } catch (error) {
          subscriber.error(error);
        }
      }, WITHIN);
      timer.unref();
      return {
        next(entry) {
          text += log.add(entry);
          if (log.open === 0 || performance.now() - written > WITHIN) put();
        },
        complete() {
          text += log.end();
          put();
          writing(path, () => replacement.commit());
          subscriber.complete();
        },
        close() {
          clearInterval(timer);
          replacement.discard();
        },
      };
    }),
  );
}

/** Does what the disk may refuse, with the message of `writeFileAtomic`. */
function writing<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new Error(`writeLog: ${visible(path)} could not be written: ${reasonOf(cause)}`, { cause });
  }
}
