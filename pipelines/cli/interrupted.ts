import { constants } from 'node:os';
import process from 'node:process';
import { Observable } from 'rxjs';

/** The message on an interrupt. */
export interface InterruptedOptions {
  /** Printed on stderr at the first Ctrl-C. */
  readonly say?: string;
}

/**
 * Emits at the first Ctrl-C or SIGTERM, for `checkpoint({ stop$: interrupted() })`. The second ends the process at once,
 * with the exit status of a program ended by a signal: 130 or 143.
 *
 * ```
 * ^C             ---x------x
 * interrupted()  ---u------#exit
 * ```
 *
 * Signals arrive only when the event loop gets a turn: the source of the run needs `yielding`. Without a subscriber
 * signals have their usual effect.
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
