import type { Observable } from 'rxjs';
import { closed } from '../../src/index.js';
import { interrupted } from './interrupted.js';

/**
 * Emits when learning is to end: of a run that saves a file, at Ctrl-C, SIGTERM or SIGHUP, as `interrupted`, and of any
 * other where nobody reads what it prints any more, as under `| head`. `say` is what the run does then.
 */
export function stopSignal(out: string | undefined, say: string): Observable<unknown> {
  return out === undefined ? closed() : interrupted({ say });
}
