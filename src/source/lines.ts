import type { Observable } from 'rxjs';
import type { Demand } from '../flow/demand.js';
import { pull } from '../flow/pull.js';
import { file } from './file.js';
import { lineParser } from './lineParser.js';
import { parsed } from './parsed.js';

/** How lines are read. */
export interface LinesOptions {
  /** When to read on; without one, as fast as the call stack downstream allows. */
  readonly demand?: Demand;
  /** Longest line, in bytes without its ending; 1 MiB by default. A longer one is an error, so memory is bounded. */
  readonly maxLineBytes?: number;
  /** `error` (the default) ends at the first byte that is not UTF-8; `replace` puts U+FFFD for each bad sequence. */
  readonly invalid?: 'error' | 'replace';
  /** With `invalid: 'replace'`: called with the byte offset of each sequence replaced, to count and to warn. */
  readonly onInvalid?: (byte: number) => void;
}

/**
 * Emits the lines of a file of UTF-8 without their endings, which are LF, CRLF or CR.
 *
 * ```
 * lines('names.csv')  -(name)(aachenosaurus)(aardonyx)-|
 * ```
 *
 * A last line without an ending counts; blank lines are emitted. The file is opened on each subscription, read as it is
 * demanded, and closed on unsubscription; a byte order mark at the start is dropped. Errors name the file and the line:
 * `names.csv, line 7: invalid UTF-8 at byte 1234`.
 */
export function lines(path: string | URL, options: LinesOptions = {}): Observable<string> {
  const { name, open } = file('lines', path);
  return pull(parsed(open(), lineParser('lines', name, options)), options.demand);
}
