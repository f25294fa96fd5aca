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
  /** What was written at its first line. */
  readonly first: string;
  /** What its trace said, while it has no alarm. */
  readonly before: string[];
  /** Number of the line with its alarm. */
  alarmed?: number;
  reader?: TraceReader;
}

/**
 * Adds what a trace says to the lines of a record with an alarm: `head`, the first line of the record, where the alarm is at
 * a later one; and `trace`, those lines that say most, with the line by which they are known, and `traceOf`, the number of the
 * alarm's. At the alarm that is what came before it, or a trace inside its JSON. A record has at most eight such lines; alarms
 * that were folded have none.
 *
 * ```
 * lines         -E--x--f--g--n-|     E: an error with an alarm; x: what was thrown; f: a frame of a library, g: an own one
 * withTraces()  -E--x--f--g--n-|     x with the trace [x], g with [g]
 * ```
 */
export function withTraces<S extends Scored>(): MonoTypeOperatorFunction<S> {
  return operator<S, S>((subscriber) => {
    const open = new Map<number, OpenRecord>(); // by its number, the latest last; those of several containers come at once

    return {
      next(scored) {
        const { line, text = line, number, record = number, alarm } = scored;
        const begins = record === number;
        const own = open.get(record) ?? {
          head: begins ? line.slice(0, MOST_HEAD) : '',
          first: begins ? text.slice(0, MOST_HEAD) : '',
          before: [],
        };
        open.delete(record);
        if (open.size === MOST_OPEN) open.delete(open.keys().next().value!);
        open.set(record, own);
        let trace: readonly string[] = [];
        if (!begins) trace = (own.reader ??= traceReader(own.first)).add(text);
        if (own.alarmed !== undefined) {
          return subscriber.next(trace.length > 0 ? { ...scored, trace, traceOf: own.alarmed } : scored);
        }
        if (alarm?.count !== 1) {
          for (const row of trace) own.before.push(row);
          return subscriber.next(scored);
        }
        own.alarmed = number;
        trace = begins ? traceInside(text) : own.before;
        subscriber.next({ ...scored, ...(!begins && { head: own.head }), ...(trace.length > 0 && { trace }) });
      },
    };
  });
}
