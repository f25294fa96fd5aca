import type { OperatorFunction } from 'rxjs';
import { operator } from '../flow/operator.js';
import { checkTitle } from './checkTitle.js';
import type { Entry } from './recording.js';
import { sha256 } from './sha256.js';
import { valueText } from './valueText.js';

/** How a tape is written. */
export interface RunLogOptions {
  /** What it is a recording of: any value that can be recorded; `null` by default. */
  readonly about?: unknown;
  /** Entries of a block, which is read and checked as a whole; 4096 by default. Tapes to be compared share it. */
  readonly block?: number;
}

/**
 * Writes the entries of a run of any length as text, block by block, for `concatMapBounded(ledger, (text) => write(text, stream))`
 * or `writeLog`; `openLog` reads it.
 *
 * ```
 * run.entries$          -a-b-c-d|
 * tape({ block: 2 })    ---x---y(z|)     x: the head and the first block, z: the index
 * ```
 *
 * Each block ends in the digest of itself and of the digest before it, so two tapes have the same digest exactly where
 * they are the same up to there. The last text is the index of the blocks; a tape without it was cut short. Memory: a
 * block, and 129 bytes for each one written. Steps must not fall. RangeError for a `block` that is no positive integer.
 */
export function runLog({ about = null, block = 4096 }: RunLogOptions = {}): OperatorFunction<Entry, string> {
  if (!(Number.isInteger(block) && block >= 1)) {
    throw new RangeError(`runLog: block must be a positive integer, got ${block}`);
  }
  const head = `rxrnn tape 1, blocks of ${block}, about ${valueText(about)}\n`;
  return operator((subscriber) => {
    const titles: string[] = [];
    const index: string[] = [];
    let text = '';
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
      const row = `${[offset, line, count, first].map(padded).join(' ')} ${digest}\n`;
      const closing = `~ ${digest}\n`;
      const before = index.length === 0 ? head : '';
      index.push(row);
      offset += size + closing.length;
      line += lines + 1;
      total += count;
      const whole = `${before}${text}~ ${digest}`;
      text = '';
      count = lines = 0;
      subscriber.next(whole);
    }
    return {
      next(entry) {
        if (entry.step < step) throw new RangeError(`runLog: steps must not fall, got ${entry.step} after ${step}`);
        if (count === 0) {
          step = first = entry.step;
          add(`@ ${step} ${JSON.stringify(titles)}\n`);
        }
        let track = titles.indexOf(entry.title);
        if (track < 0) {
          checkTitle(entry.title);
          track = titles.push(entry.title) - 1;
          add(`= ${JSON.stringify(entry.title)}\n`);
        }
        add(`${entry.step - step} ${track} ${said(entry)}\n`);
        step = entry.step;
        count += 1;
        if (count === block) flush();
      },
      complete() {
        if (count > 0) flush();
        const rows = index.join('');
        const check = sha256(new TextEncoder().encode(head + rows));
        const end = `end ${padded(offset)} ${padded(index.length)} ${padded(total)} ${check}`;
        subscriber.next(`${index.length === 0 ? head : ''}${rows}${end}`);
        subscriber.complete();
      },
    };
  });
}

function said(entry: Entry): string {
  if (entry.kind === 'N') return valueText(entry.value);
  return entry.kind === 'C' ? '|' : `# ${valueText(entry.error)}`;
}

function padded(number: number): string {
  return String(number).padStart(15, '0');
}
