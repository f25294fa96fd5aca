import type { MonoTypeOperatorFunction } from 'rxjs';
import { operator } from '../../src/index.js';
import type { Scored } from './scored.js';
import { traceInside } from './traceInside.js';
import { type TraceReader, traceReader } from './traceReader.js';

const MOST_HEAD = 400; // characters of the line that a record begins with
const MOST_OPEN = 64; // records

/** A record that may go on. */
interface OpenRecord {
  readonly head: string;
  /** What its trace said, while it has no alarm. */
  readonly before: string[];
  alarmed: boolean;
  reader?: TraceReader;
}

/**
 * Adds what a trace says to the lines of a record with an alarm: `head`, the first line of the record, where the alarm is at
 * a later one; and `trace`, those lines that say most, with the line by which they are known. At the alarm that is what came
 * before it, or a trace inside its JSON. A record has at most eight such lines; alarms that were folded have none.
 *
 * ```
 * lines         -E--x--f--g--n-|     E: an error with an alarm; x: what was thrown; f: a frame of a library, g: an own one
 * withTraces()  -E--x--f--g--n-|     x with the trace [x], g with [g]
 * ```
 */
export function withTraces<S extends Scored>(): MonoTypeOperatorFunction<S> {
  return operator<S, S>((subscriber) => {
    const open = new Map<number, OpenRecord>(); // by its number; those of several containers come at once

    return {
      next(scored) {
        const { line, text = line, number, record = number, alarm } = scored;
        const begins = record === number;
        let own = open.get(record);
        if (!own) {
          if (open.size === MOST_OPEN) open.delete(open.keys().next().value!);
          own = { head: begins ? line.slice(0, MOST_HEAD) : '', before: [], alarmed: false };
          open.set(record, own);
        }
        let trace: readonly string[] = [];
        if (!begins) trace = (own.reader ??= traceReader()).add(text);
        if (own.alarmed) return subscriber.next(trace.length > 0 ? { ...scored, trace } : scored);
        if (alarm?.count !== 1) {
          own.before.push(...trace);
          return subscriber.next(scored);
        }
        own.alarmed = true;
        trace = begins ? traceInside(text) : own.before;
        subscriber.next({ ...scored, ...(!begins && { head: own.head }), ...(trace.length > 0 && { trace }) });
      },
    };
  });
}
