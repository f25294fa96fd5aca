import type { Observable } from 'rxjs';
import { pull } from '../flow/pull.js';
import { characters } from './characters.js';
import { parsed } from './parsed.js';
import { standardInput } from './standardInput.js';
import type { TextOptions } from './text.js';

/**
 * Emits the code points of standard input as they arrive; the options and errors are those of `text`.
 *
 * ```
 * typed    -hi↵---------^D
 * stdin()  ---(h i \n)--|
 * ```
 *
 * Standard input can be read once in a process: a second subscription is an error. Unsubscribing closes it, so that
 * it does not keep the process alive.
 */
export function stdin(options: TextOptions = {}): Observable<string> {
  const parse = characters('stdin', 'stdin', options);
  return pull(
    parsed(standardInput, () => parse()),
    options.demand,
  );
}
