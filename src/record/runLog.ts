import type { OperatorFunction } from 'rxjs';
import { anything } from '../check/anything.js';
import { optional } from '../check/optional.js';
import { type Checks, options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { operator } from '../flow/operator.js';
import { checkTitle } from './checkTitle.js';
import type { Entry } from './recording.js';
import { sha256 } from './sha256.js';
import { valueText } from './valueText.js';
import { refuse } from '../check/refuse.js';
import { isMarble } from './isMarble.js';

/** How a run log is written. */
export interface RunLogOptions {
  /** What the log is of: any value that can be recorded; `null` by default. */
  readonly about?: unknown;
  /**
   * Entries per block, which is read and checked as a whole; 4096 by default. Logs to be compared must have the same.
   */
  readonly block?: number | undefined;
}

/** The checks of these options, for the functions that have them. */
export const RUN_LOG_CHECKS: Checks<RunLogOptions> = { about: anything, block: optional(positiveInteger) };

/**
 * Titles of so many UTF-16 units are repeated at the beginning of each block. Of more, only as many as the entries of
 * the block before have; else the block begins with none, and names its own tracks again.
 */
const TITLES = 4096;

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
  const { about = null, block = 4096 } = given;
  const head = `rxrnn log 1, blocks of ${block}, about ${valueText(about)}\n`;
  return operator((subscriber) => {
    const tracks = new Map<string, number>(); // the number of each title that is named
    let titles = ''; // as JSON, with commas
    const index: string[] = [];
    let text = '';
    let body = 0; // UTF-16 units of the block's entries, or of those of the block before
    let count = 0; // entries in this block
    let lines = 0; // of this block
    let step = 0;
    let first = 0; // step of this block
    let [offset, line, total] = [new TextEncoder().encode(head).length, 2, 0];
    let digest = '';

    function add(row: string): void {
      text += row;
      lines += 1;
    }
    function flush(): void {
      const bytes = new TextEncoder().encode(digest + text);
      const size = bytes.length - digest.length;
      digest = sha256(bytes);
      const row = `${[offset, line, count, first].map(pad).join(' ')} ${digest}\n`;
      const closing = `~ ${digest}\n`;
      const before = index.length === 0 ? head : '';
      index.push(row);
      offset += size + closing.length;
      line += lines + 1;
      total += count;
      body += text.length;
      const whole = `${before}${text}~ ${digest}`;
      text = '';
      count = lines = 0;
      subscriber.next(whole);
    }
    return {
      next(entry) {
        if (!isMarble(entry)) refuse('runLog', 'an entry', 'a marble with a title', entry, 'none');
        if (entry.step < step) throw new RangeError(`runLog: steps must not decrease, got ${entry.step} after ${step}`);
        if (count === 0) {
          step = first = entry.step;
          if (titles.length > Math.max(TITLES, body)) {
            tracks.clear();
            titles = '';
          }
          add(`@ ${step} [${titles}]\n`);
          body = -text.length;
        }
        let track = tracks.get(entry.title);
        if (track === undefined) {
          checkTitle('runLog', entry.title);
          track = tracks.size;
          tracks.set(entry.title, track);
          const title = JSON.stringify(entry.title);
          titles += titles === '' ? title : `,${title}`;
          add(`= ${title}\n`);
        }
        add(`${entry.step - step} ${track} ${entryText(entry)}\n`);
        step = entry.step;
        count += 1;
        if (count === block) flush();
      },
      complete() {
        if (count > 0) flush();
        const rows = index.join('');
        const check = sha256(new TextEncoder().encode(head + rows));
        const end = `end ${pad(offset)} ${pad(index.length)} ${pad(total)} ${check}`;
        subscriber.next(`${index.length === 0 ? head : ''}${rows}${end}`);
        subscriber.complete();
      },
    };
  });
}

function entryText(entry: Entry): string {
  if (entry.kind === 'N') return valueText(entry.value);
  return entry.kind === 'C' ? '|' : `# ${valueText(entry.error)}`;
}

function pad(number: number): string {
  return String(number).padStart(15, '0');
}
