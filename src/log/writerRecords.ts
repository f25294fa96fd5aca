import { choice, count, number, object, type Schema, text } from '../check/schema.js';
import type { LineParts } from './logRecord.js';
import { recentMap } from './recentMap.js';
import { OPEN_TRACES, type OpenTrace, opensTrace, traceAfter } from './traceAfter.js';

/** The present record of a process or thread; plain JSON. */
export interface WriterState {
  readonly writer: string;
  /** Number of the line that it begins with, and lines so far. */
  readonly record: number;
  readonly lines: number;
  readonly open: OpenTrace;
  /** Component and severity of its first line, and white space and bars between its header and its message. */
  readonly component: string;
  readonly severity: string;
  readonly indent: number;
  /** The same between its header and its component. */
  readonly outerIndent: number;
  /** Of its latest line. */
  readonly time: number;
}

/** Records whose lines all have a header: those of a trace that was logged line by line, or of one message. */
export interface WriterRecords {
  /**
   * The record that a line continues, with the line's text without its header and what is open then; undefined where it begins
   * one, which leaves `opens` open.
   */
  add(line: LineParts, text: string, source: string, number: number, opens: OpenTrace): Continued | undefined;
  state(): WriterState[];
}

interface Continued {
  readonly record: number;
  readonly body: string;
  readonly open: OpenTrace;
}

export const writerState: Schema<WriterState> = /* @__PURE__ */ writerSchema();

function writerSchema(): Schema<WriterState> {
  return object({
    writer: text,
    record: count,
    lines: count,
    open: choice(...OPEN_TRACES),
    component: text,
    severity: text,
    indent: count,
    outerIndent: count,
    time: number,
  });
}

const MOST_WRITERS = 64;
const MOST_LINES = 500; // of a record
const MOST_BODY = 4096; // characters
const WITHIN = 2000; // milliseconds between two lines of a trace
const OF_WRITER = new Set(['host', 'pid', 'process', 'thread', '_PID', '_HOSTNAME']);
/** What PostgreSQL writes behind an error, as lines of their own. */
const PART = /^(?:\[\d{1,9}-\d{1,9}\] )?(?:\S{1,128} )?(?:DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION|BACKTRACE): {2}/;
/** Where what looks like a level is not one: the `Error:` that Node names, the `WARNING:` of Linux. */
const OTHER_LEVELS: ReadonlySet<OpenTrace> = new Set(['named', 'kernel']);
const INDENTED = /^\s{2,}\S/;

/**
 * Makes the records of up to 64 processes and threads, by the names in front of their lines. A line continues the record of its
 * writer where it is of its trace, within two seconds; or of its message: at the same time, as a part that PostgreSQL names, or
 * without a level where the first line has one, or with the same and indented, by a clock of milliseconds.
 */
export function writerRecords(known: readonly WriterState[] = []): WriterRecords {
  const records = recentMap(known.map((state) => [state.writer, state] as const));

  return {
    add(line, text, source, record, opens) {
      const { time, component, severity, message, format } = line;
      if (time === null) return undefined;
      const writer = writerOf(line, source);
      if (writer === undefined) return undefined;
      if (format === 'json') text = message; // of journald
      const own = records.get(writer);
      const start = text.trimEnd().length - message.trimEnd().length;
      const isWhole = text.startsWith(message.trimEnd(), start); // or else the time was in the middle
      if (own && isWhole && own.lines < MOST_LINES && Math.abs(time - own.time) <= WITHIN) {
        const isSame = component === own.component;
        const begin = isSame ? start : startOf(component, text, start);
        const indent = isSame ? own.indent : own.outerIndent;
        const body = text.slice(begin - Math.max(0, spacesBefore(text, begin) - indent));
        const isOwn = severity === null || severity === own.severity || OTHER_LEVELS.has(own.open);
        const open = isOwn ? traceAfter(body.slice(0, MOST_BODY), own.open, true) : undefined; // prettier-ignore
        if (open !== undefined || isPart(line, own, body)) {
          records.set(writer, { ...own, lines: own.lines + 1, open: open ?? '', time });
          return { record: own.record, body, open: open ?? '' };
        }
      }
      const isName = opens !== '' && opensTrace(message) === ''; // of what was thrown, not of a logger
      const outerIndent = isWhole ? spacesBefore(text, startOf(component, text, start)) : 0;
      records.set(writer, {
        writer,
        record,
        lines: 1,
        open: opens,
        component: isName ? '' : component,
        severity: severity ?? '',
        indent: isWhole && !isName ? spacesBefore(text, start) : outerIndent,
        outerIndent,
        time,
      });
      if (records.size > MOST_WRITERS) records.dropOldest();
      return undefined;
    },
    state: () => Array.from(records, ([, state]) => state),
  };
}

/** The name of a writer; undefined for JSON of other than journald, whose lines are whole records. */
function writerOf({ format, component, fields }: LineParts, source: string): string | undefined {
  if (format === 'json' && fields.every(([name]) => name !== '_PID')) return undefined;
  let writer = `${source}\n${format === 'plain' ? '' : component}`;
  for (const [name, value] of fields) if (OF_WRITER.has(name)) writer += `\n${value}`;
  return writer;
}

/** Whether a line is a further part of the message that its record begins with. */
function isPart({ time, severity, message, fields }: LineParts, own: WriterState, body: string): boolean {
  if (time !== own.time) return false;
  if (PART.test(message)) return true;
  if (time % 1000 === 0 || own.severity === '' || fields.every(([name]) => name === 'host')) return false;
  return severity === null || (severity === own.severity && INDENTED.test(body));
}

/** Where a component in front of a place begins; the place where there is none. */
function startOf(component: string, text: string, place: number): number {
  const at = component === '' ? -1 : text.lastIndexOf(`${component}:`, place);
  return at >= 0 && text.slice(at + component.length + 1, place).trim() === '' ? at : place;
}

/** Python draws a box of bars around the exceptions of a group. */
function spacesBefore(text: string, place: number): number {
  let count = 0;
  while (count < place && /[\s|]/.test(text[place - 1 - count]!)) count += 1;
  return count;
}
