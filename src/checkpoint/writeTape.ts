import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { pid } from 'node:process';
import { Observable } from 'rxjs';
import type { Entry } from '../record/recording.js';
import { tape, type TapeOptions } from '../record/tape.js';

/**
 * Writes the entries of a run to a tape, block by block, and completes when it is on the disk: a whole tape or none.
 *
 * ```
 * run.entries$             -a-b-c-d|
 * writeTape(path, …)       --------|      the file has its name from here on
 * ```
 *
 * A block is written before the entry that filled it returns, so the disk sets the pace. Until the end the file is
 * called `PATH.tmp-PID`; it is removed where the run fails or is left.
 */
export function writeTape(path: string, entries$: Observable<Entry>, options: TapeOptions = {}): Observable<never> {
  return new Observable((subscriber) => {
    const temporary = `${path}.tmp-${pid}`;
    let file: number | undefined = openSync(temporary, 'w');

    function close(): void {
      if (file === undefined) return;
      closeSync(file);
      file = undefined;
    }
    subscriber.add(() => {
      if (file === undefined) return;
      close();
      rmSync(temporary, { force: true });
    });
    subscriber.add(
      entries$.pipe(tape(options)).subscribe({
        next(text) {
          try {
            if (file !== undefined) writeFileSync(file, `${text}\n`);
          } catch (error) {
            subscriber.error(error);
          }
        },
        error: (error: unknown) => subscriber.error(error),
        complete() {
          if (file === undefined) return;
          fsyncSync(file);
          close();
          renameSync(temporary, path);
          subscriber.complete();
        },
      }),
    );
  });
}
