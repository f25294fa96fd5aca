import type { OperatorFunction } from 'rxjs';
import { anything } from '../check/anything.js';
import { optional } from '../check/optional.js';
import { type Checks, options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { operator } from '../flow/operator.js';
import { logText } from './logText.js';
import type { Entry } from './recording.js';

/** How a run log is written. */
export interface RunLogOptions {
  /** What the log is of: any value that can be recorded; `null` by default. */
  readonly about?: unknown;
  /**
   * Entries per block, which is read and checked as a whole; 4096 by default. Logs to be compared must have the same.
   */
  readonly block?: number | undefined;
}

/** Entries per block by default. */
export const BLOCK = 4096;

/** The checks of these options, for the functions that have them. */
export const RUN_LOG_CHECKS: Checks<RunLogOptions> = { about: anything, block: optional(positiveInteger) };

/**
 * Writes the entries of a run of any length as text, block by block, for `concatMapBounded(inFlight, (text) =>
 * write(text, stream))` or `writeLog`; `openLog` reads it.
 *
 * ```
 * run.entries$          -a-b-c-d|
 * runLog({ block: 2 })  ---x---y(z|)     x: the first line and the first block, z: the index
 * ```
 *
 * Each block ends with the digest of itself and of the digest before it, so that two logs have the same digest exactly
 * where they are the same up to there. The last text is the index of the blocks; a log without it was cut short.
 * Memory: one block, and 129 bytes per block written. A RangeError where a step is below the one before, and for a
 * `block` that is not a positive integer.
 */
export function runLog(given: RunLogOptions = {}): OperatorFunction<Entry, string> {
  given = options('runLog', given, RUN_LOG_CHECKS);
  const { about = null, block = BLOCK } = given;
  const withoutEnd = (text: string): string => text.slice(0, -1); // who writes a text ends its line
  return operator((subscriber) => {
    const log = logText(about, block);
    let text = ''; // of the block that is open
    return {
      next(entry) {
        text += log.add(entry);
        if (log.open > 0) return;
        subscriber.next(withoutEnd(text));
        text = '';
      },
      complete() {
        if (log.open > 0) subscriber.next(withoutEnd(text + log.close()));
        subscriber.next(withoutEnd(log.end()));
        subscriber.complete();
      },
    };
  });
}
