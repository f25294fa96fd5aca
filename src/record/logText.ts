import { checkTitle } from './checkTitle.js';
import { isMarble } from './isMarble.js';
import type { Entry } from './recording.js';
import { sha256 } from './sha256.js';
import { valueText } from './valueText.js';
import { refuse } from '../check/refuse.js';

/** The text of a run log, as it grows: everything that is returned, in order, is the log. */
export interface LogText {
  /** Entries in the block that is open; 0 right after the entry that closed it. */
  readonly open: number;
  /** The lines of an entry, and of the end of the block that it fills. */
  add(entry: Entry): string;
  /** The end of the block that is open. */
  close(): string;
  /** The index of the blocks; nothing may be added after it. */
  end(): string;
}

/**
 * Titles of so many UTF-16 units are repeated at the beginning of each block. Of more, only as many as the entries of
 * the block before have; else the block begins with none, and names its own tracks again.
 */
const TITLES = 4096;

/**
 * Writes the text of a run log entry by entry; for errors see `runLog`. A log whose writer was killed is all that came
 * before, which `openLog` reads with `unfinished: true`.
 */
export function logText(about: unknown, block: number): LogText {
  const head = `rxrnn log 1, blocks of ${block}, about ${valueText(about)}\n`;
  const tracks = new Map<string, number>(); // the number of each title that is named
  let titles = ''; // as JSON, with commas
  const index: string[] = [];
  let text = ''; // of the block
  let body = 0; // UTF-16 units of the block's entries, or of those of the block before
  let count = 0; // entries in this block
  let lines = 0; // of this block
  let step = 0;
  let first = 0; // step of this block
  let [offset, line, total] = [new TextEncoder().encode(head).length, 2, 0];
  let digest = '';
  let begun = false; // the first line is written

  function opening(): string {
    const before = begun ? '' : head;
    begun = true;
    return before;
  }
  function close(): string {
    if (count === 0) return '';
    const bytes = new TextEncoder().encode(digest + text);
    const size = bytes.length - digest.length;
    digest = sha256(bytes);
    index.push(`${[offset, line, count, first].map(pad).join(' ')} ${digest}\n`);
    const closing = `~ ${digest}\n`;
    offset += size + closing.length;
    line += lines + 1;
    total += count;
    body += text.length;
    text = '';
    count = lines = 0;
    return closing;
  }
  return {
    get open() {
      return count;
    },
    add(entry) {
      if (!isMarble(entry)) refuse('runLog', 'an entry', 'a marble with a title', entry, 'none');
      if (entry.step < step) throw new RangeError(`runLog: steps must not decrease, got ${entry.step} after ${step}`);
      let rows = '';
      const add = (row: string): void => {
        rows += row;
        lines += 1;
      };
      if (count === 0) {
        step = first = entry.step;
        if (titles.length > Math.max(TITLES, body)) {
          tracks.clear();
          titles = '';
        }
        add(`@ ${step} [${titles}]\n`);
        body = -rows.length;
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
      text += rows;
      step = entry.step;
      count += 1;
      return opening() + rows + (count === block ? close() : '');
    },
    close,
    end() {
      const closing = close();
      const rows = index.join('');
      const check = sha256(new TextEncoder().encode(head + rows));
      return `${opening()}${closing}${rows}end ${pad(offset)} ${pad(index.length)} ${pad(total)} ${check}\n`;
    },
  };
}

function entryText(entry: Entry): string {
  if (entry.kind === 'N') return valueText(entry.value);
  return entry.kind === 'C' ? '|' : `# ${valueText(entry.error)}`;
}

function pad(number: number): string {
  return String(number).padStart(15, '0');
}
