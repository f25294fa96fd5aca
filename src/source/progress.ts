import { callable } from '../check/callable.js';
import { type MonoTypeOperatorFunction, asyncScheduler } from 'rxjs';
import { anything } from '../check/anything.js';
import { finite } from '../check/finite.js';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { operator } from '../flow/operator.js';
import { steadyClock } from '../flow/steadyClock.js';
import { checkWritable } from './checkWritable.js';
import { sink } from './sink.js';
import type { Writable } from './stream.js';

/** Where and how often progress is shown. */
export interface ProgressOptions {
  /** Where to print; standard error by default, which leaves standard output to results. */
  readonly stream?: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Milliseconds between two updates of the line on a terminal; 100 by default. */
  readonly period?: number | undefined;
  /** Milliseconds between two lines where the stream is not a terminal, such as a log file; 5000 by default. */
  readonly plainPeriod?: number | undefined;
  /** The clock; virtual in marble tests. */
  readonly clock?: { now(): number } | undefined;
}

/**
 * Shows the latest value on one line that is rewritten in place, and passes every value on.
 *
 * ```
 * values          -a-b-c-d-e-|
 * progress(text)  -a-b-c-d-e-|      on the terminal: a, c, e
 * ```
 *
 * Where the stream is not a terminal it prints whole lines, less often. The last value is shown at the end, even after
 * an error. Only values that are shown are turned into text; one that is wider than the terminal ends in `…`.
 */
export function progress<T>(text: (value: T) => string, given: ProgressOptions = {}): MonoTypeOperatorFunction<T> {
  callable('progress', 'text', text);
  given = options('progress', given, {
    stream: optional(checkWritable),
    period: optional(finite(0)),
    plainPeriod: optional(finite(0)),
    clock: anything,
  });
  const { stream = process.stderr, clock = asyncScheduler } = given;
  const live = stream.isTTY === true;
  const period = live ? (given.period ?? 100) : (given.plainPeriod ?? 5000);
  return operator((subscriber) => {
    const out = sink(stream);
    const passed = steadyClock(clock);
    let last: T;
    let pending = false; // the last value has not been shown
    let due = -Infinity;

    function show(): void {
      pending = false;
      const line = text(last);
      const most = (stream.columns || 80) - 1; // a terminal of unknown width says 0
      const shown = line.length > most ? `${line.slice(0, Math.max(0, most - 1))}…` : line;
      out.write(live ? `\r${shown}\u001B[K` : `${line}\n`);
    }
    return {
      next(value) {
        last = value;
        pending = true;
        const now = passed();
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
