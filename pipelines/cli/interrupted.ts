import { constants } from 'node:os';
import process from 'node:process';
import { Observable, type Subscriber } from 'rxjs';
import { say as print } from './say.js';

/** The message on an interrupt. */
export interface InterruptedOptions {
  /** What the run does at the first signal, printed on stderr; after Ctrl-C also what a second one does. */
  readonly say?: string;
}

/** Why a run is to end: a signal, or an output that nobody reads or that cannot be written. */
export type Interruption = 'signal' | 'output';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const subscribers = new Set<Subscriber<Interruption>>();
let outputFailed = false;

/**
 * Emits at the first Ctrl-C, SIGTERM or SIGHUP, for `checkpoint({ stop$: interrupted() })`, and when standard output
 * fails, as under `| head`. The second Ctrl-C or SIGTERM ends the process at once, with the exit status of a program
 * ended by a signal: 130 or 143. A terminal that closes may send SIGHUP twice, so its second one has no effect.
 *
 * ```
 * ^C             ---x------x
 * interrupted()  ---u------#exit
 * ```
 *
 * Signals arrive only when the event loop gets a turn: the source of the run needs `yielding`. Without a subscriber
 * signals have their usual effect.
 */
export function interrupted(options: InterruptedOptions = {}): Observable<Interruption> {
  const { say = 'finishing the step and saving' } = options;
  return new Observable((subscriber) => {
    let times = 0;
    function interrupt(signal: (typeof SIGNALS)[number]): void {
      if (times > 0 && signal === 'SIGHUP') return;
      if (++times > 1) process.exit(128 + constants.signals[signal]);
      process.once('SIGHUP', ignore); // what is saved when this has no subscriber any more is saved whole
      print(`\n${say}${signal === 'SIGINT' ? '; Ctrl-C again to leave at once' : ''}`);
      subscriber.next('signal');
    }
    for (const signal of SIGNALS) process.on(signal, interrupt);
    subscribers.add(subscriber);
    if (outputFailed) subscriber.next('output');
    return () => {
      subscribers.delete(subscriber);
      for (const signal of SIGNALS) process.off(signal, interrupt);
    };
  });
}

function ignore(): void {
  // only so that the signal does not end the process
}

/** Ends the runs that watch `interrupted`, since standard output has failed; false where there are none. */
export function endRuns(): boolean {
  outputFailed = true; // for runs that begin later
  const watching = [...subscribers];
  for (const subscriber of watching) subscriber.next('output');
  return watching.length > 0;
}
