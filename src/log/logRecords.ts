import type { OperatorFunction } from 'rxjs';
import { checkRecord } from '../check/checkRecord.js';
import { show } from '../check/show.js';
import { operator } from '../flow/operator.js';
import { recentMap } from './recentMap.js';
import type { LogRecord } from './logRecord.js';
import { recordReader, type RecordReaderOptions } from './recordReader.js';

type OpenRecord = LogRecord & { readonly rest: string[] };

const MOST_OPEN = 64;

/**
 * Reads lines as records: the lines of a trace join the line that they belong to.
 *
 * ```
 * lines         -a-t-t-b-|      t: lines of a trace
 * logRecords()  -------A-(B|)   A: { line, format, time, severity, component, message, fields, number, rest: [t, t] }
 * ```
 *
 * A record is emitted when the next one of its container begins, or at the end, also where that is an error. What is found, and
 * the bounds, are `recordReader`'s. A TypeError for a line that is not a string.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { logRecords } from 'rxrnn';
 *
 * from(['2024-05-01 10:00:00 ERROR [main] db.Pool: gave up', 'java.io.IOException: gone', '\tat db.Pool.take(Pool.java:9)'])
 *   .pipe(logRecords())
 *   .subscribe(({ severity, message, rest }) => console.log(severity, message, rest.length)); // -> error gave up 2
 * ```
 */
export function logRecords(given: RecordReaderOptions = {}): OperatorFunction<string, LogRecord> {
  checkRecord('logRecords', 'options', given);
  recordReader(given); // refuses wrong options at once
  return operator((subscriber) => {
    const reader = recordReader(given);
    let number = 0;
    const open = recentMap<string, OpenRecord>(); // of each source
    function emitOpen(): void {
      for (const [, record] of open) subscriber.next(record);
    }
    return {
      next(line) {
        if (typeof line !== 'string') {
          emitOpen();
          throw new TypeError(`logRecords: line ${number} must be a string, got ${show(line)}`);
        }
        const read = reader.read(line);
        number += 1;
        const before = open.get(read.source);
        if (read.continues && before) {
          before.rest.push(read.line);
          return;
        }
        open.set(read.source, { ...read, number, rest: [] });
        const done = before ?? (open.size > MOST_OPEN ? open.dropOldest() : undefined);
        if (done) subscriber.next(done);
      },
      error(error) {
        emitOpen();
        subscriber.error(error);
      },
      complete() {
        emitOpen();
        subscriber.complete();
      },
    };
  });
}
