import type { Observable } from 'rxjs';
import { pull } from '../flow/pull.js';
import { lineParser, type LinesOptions } from './lineParser.js';
import { parseChunks } from './parseChunks.js';
import { standardInput } from './standardInput.js';

/**
 * Emits the lines of standard input, each as soon as its ending arrives; the options and errors are those of `lines`.
 *
 * ```
 * typed         -hello↵---ab---c↵------^D
 * stdinLines()  ------(hello)---(abc)--|
 * ```
 *
 * Standard input can be read once per process: a second subscription is an error. Unsubscribing closes it.
 */
export function stdinLines(options: LinesOptions = {}): Observable<string> {
  return pull(parseChunks(standardInput, lineParser('stdinLines', 'stdin', options)), options.demand);
}
