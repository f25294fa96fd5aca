import { constants } from 'node:os';
import process from 'node:process';
import { Observable } from 'rxjs';

/** What a run that was interrupted says, and to whom. */
export interface InterruptedOptions {
  /** Told at the first Ctrl-C, on stderr. */
  readonly say?: string;
}

/**
 * Emits at the first Ctrl-C or SIGTERM, for `checkpoint({ stop$: interrupted() })`; at the second the process ends at
 * once, with the exit status of a program that a signal ended: 130, or 143.
 *
 * ```
 * ^C             ---x------x
 * interrupted()  ---u------#exit
 * ```
 *
 * Signals come only when the event loop gets a turn: the source of the run needs `yielding`. While nobody is subscribed,
 * signals do what they always do.
 */
export function interrupted(options: InterruptedOptions = {}): Observable<void> {
  const { say = 'finishing the step and saving; Ctrl-C again to leave at once' } = options;
  return new Observable((subscriber) => {
    let times = 0;
    function interrupt(signal: 'SIGINT' | 'SIGTERM'): void {
      if (++times > 1) process.exit(128 + constants.signals[signal]);
      process.stderr.write(`\n${say}\n`);
      subscriber.next();
    }
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
    return () => void process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  });
}
