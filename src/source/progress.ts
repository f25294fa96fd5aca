import { type MonoTypeOperatorFunction, asyncScheduler } from 'rxjs';
import { operator } from '../flow/operator.js';
import { sink } from './sink.js';
import type { Writable } from './stream.js';

/** Where and how often progress is shown. */
export interface ProgressOptions {
  /** Standard error by default, which leaves standard output to results. */
  readonly stream?: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Milliseconds between two versions of the line on a terminal; 100 by default. */
  readonly period?: number;
  /** Milliseconds between two lines elsewhere, such as in a log file; 5000 by default. */
  readonly plainPeriod?: number;
  /** The clock; virtual in marble tests. */
  readonly clock?: { now(): number };
}

/**
 * Shows the latest value on a line of its own that is rewritten in place, and passes every value on.
 *
 * ```
 * values          -a-b-c-d-e-|
 * progress(text)  -a-b-c-d-e-|      on the terminal: a, c, e
 * ```
 *
 * Off a terminal it prints whole lines, now and then. The last value is shown at the end, whatever the end is. Only
 * values that are shown are turned into text; the text is cut to the width of the terminal.
 */
export function progress<T>(text: (value: T) => string, options: ProgressOptions = {}): MonoTypeOperatorFunction<T> {
  const { stream = process.stderr, clock = asyncScheduler } = options;
  const live = stream.isTTY === true;
  const period = live ? (options.period ?? 100) : (options.plainPeriod ?? 5000);
  if (!(period >= 0)) throw new RangeError(`progress: a period must be milliseconds from 0, got ${period}`);
  return operator((subscriber) => {
    const out = sink(stream);
    let last: T;
    let pending = false; // the last value was not shown
    let due = -Infinity;

    function show(): void {
      pending = false;
      const line = text(last);
      out.write(live ? `\r${line.slice(0, (stream.columns ?? 80) - 1)}\u001B[K` : `${line}\n`);
    }
    return {
      next(value) {
        last = value;
        pending = true;
        const now = clock.now();
        if (now >= due) {
          due = now + period;
          show();
        }
        subscriber.next(value);
      },
      close() {
        const shown = due > -Infinity;
        try {
          if (pending) show();
        } finally {
          if (live && shown) out.write('\n');
        }
      },
    };
  });
}
