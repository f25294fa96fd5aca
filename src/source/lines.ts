import type { Observable } from 'rxjs';
import { pull } from '../flow/pull.js';
import { file } from './file.js';
import { lineParser, type LinesOptions } from './lineParser.js';
import { parseChunks } from './parseChunks.js';

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
  return pull(parseChunks(open(), lineParser('lines', name, options)), options.demand);
}
