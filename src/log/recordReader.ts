import { callable } from '../check/callable.js';
import type { Check } from '../check/check.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { choice, count, flag, list, number, object, orAbsent, type Schema, text } from '../check/schema.js';
import { string } from '../check/string.js';
import { clockAfter } from './clockAfter.js';
import { columnNames } from './columnNames.js';
import { dateOrders, type DateOrderState, dateOrderState } from './dateOrders.js';
import { isDirective } from './isDirective.js';
import { recentMap } from './recentMap.js';
import type { LineParts, LogFormat, LogLine, Severity } from './logRecord.js';
import { readAccess } from './readAccess.js';
import { readColumns } from './readColumns.js';
import { readJson } from './readJson.js';
import { readLogfmt } from './readLogfmt.js';
import { readPlain } from './readPlain.js';
import { readSyslog } from './readSyslog.js';
import { type ChooseTime, CLOCK_ALONE, timeStamp } from './timeStamp.js';
import { OPEN_TRACES, type OpenTrace, opensTrace, traceAfter } from './traceAfter.js';
import { unwrapLine } from './unwrapLine.js';
import { withYear } from './withYear.js';
import { type WriterState, writerRecords, writerState } from './writerRecords.js';

/** How lines are read. */
export interface RecordReaderOptions {
  /** The form of all lines; by default each line's is found by itself. Lines that are not of it are read as plain ones. */
  readonly format?: LogFormat | undefined;
  /**
   * Milliseconds since 1970 that lines are not later than, but for a day: times without a year are of the latest such year. By
   * default they are of 2000.
   */
  readonly now?: (() => number) | undefined;
  /** The state of a reader to continue, as its `state()` gave it. */
  readonly state?: RecordReaderState | undefined;
}

/** What a reader of lines knows; plain JSON. */
export interface RecordReaderState {
  /** Lines so far. */
  readonly read: number;
  /** What is known of the lines of each source, the source whose line came last at the end. */
  readonly sources: readonly SourceState[];
  /** The present records of processes and threads that write their name in each line, the latest at the end. */
  readonly writers: readonly WriterState[];
  /** Which number of a date is the day; absent where dates leave no doubt. */
  readonly dates?: readonly DateOrderState[] | undefined;
}

/** What is known of the lines of one source. */
interface SourceState {
  readonly source: string;
  /** Lines so far that began a record with a time stamp at their front, and those that did without. */
  readonly stamped: number;
  readonly unstamped: number;
  /** Number of the line that its present record begins with, and lines of that record so far. */
  readonly record: number;
  readonly lines: number;
  /** What its trace has left open. */
  readonly open: OpenTrace;
  /** Whether its first line says how bad it is, that this is not a warning or worse, and nothing that announces more. */
  readonly calm: boolean;
  /** The names of its columns, where a line has named them. */
  readonly columns?: readonly string[] | undefined;
  /** Records in a row that do not have these columns. */
  readonly misfits?: number | undefined;
  /** Its latest time by a clock without a day. */
  readonly clock?: number | undefined;
  /** Whether its last line is the beginning of a longer one that its runtime has parted. */
  readonly parted?: boolean | undefined;
}

/** Reads lines, one at a time. */
export interface RecordReader {
  read(line: string): LogLine;
  state(): RecordReaderState;
}

/** How lines of each form are read; undefined for a line that is not of it. */
const READERS: Readonly<Record<LogFormat, (line: string, choose: ChooseTime) => LineParts | undefined>> = {
  json: readJson,
  otlp: readJson,
  logfmt: readLogfmt,
  syslog3164: readSyslog,
  syslog5424: readSyslog,
  access: readAccess,
  plain: readPlain,
};
/** Accepts the forms that lines are read as. Made when called: a call at the top would keep all readers in every bundle. */
export const checkFormat: Check = (who, option, value) => oneOf(...Object.keys(READERS))(who, option, value);
const MOST_LINES = 500; // of a record
const MOST_SOURCES = 64;
const Y2000 = 946_684_800_000;
const Y2001 = 978_307_200_000;
const HASH = 35;
const MOST_MISFITS = 20; // records in a row, and the log is one of other lines
const SURE = 20; // lines before a missing time stamp says something
const ESC = '\u001b';
const BEL = '\u0007';
const ANSI = /* @__PURE__ */ new RegExp(
  String.raw`${ESC}(?:\[[\d;:?]{0,256}[ -/]{0,16}[@-~]|\][^${BEL}${ESC}]{0,8192}(?:${BEL}|${ESC}\\)?|[@-Z\\^_])`,
  'g',
);
/** Forms whose lines may be parts of a text: they have a header before it, or are entries of journald. */
const MAY_BE_PARTS: ReadonlySet<LogFormat> = new Set(['plain', 'syslog3164', 'syslog5424', 'json']);
const BELOW_WARNING: ReadonlySet<Severity | null> = new Set(['trace', 'debug', 'info', 'notice']);
const MOST_CONTINUING = 4096; // characters that are looked at of a line without a time
/** A program ends: a record of its own, though it has no time stamp, and the log does not say how bad it is. */
const CRASHES =
  /^(?:panic: |fatal error: |FATAL ERROR: |Exception in thread "|Unhandled exception|PHP Fatal error:|terminate called |thread '[^']{0,200}' (?:\(\d{1,20}\) )?panicked at |Segmentation fault|Killed$|Aborted\b|Bus error)/;
/** The same behind a header that does not say how bad it is; of Linux also behind its time since it began. */
const CRASHES_BEHIND_HEADER =
  /^(?:\[ {0,8}\d{1,9}\.\d{1,9}\](?:\[ {0,8}[TC]\d{1,9}\])? )?(?:panic: |fatal error: |FATAL ERROR: |Exception in thread "|Unhandled exception|terminate called |thread '[^']{0,200}' (?:\(\d{1,20}\) )?panicked at |Segmentation fault|Kernel panic - |BUG: |watchdog: BUG: |Oops: |general protection fault)/;
/** What a line has that continues a record. */
const CONTINUED = { component: '', severity: null, fields: [], continues: true } as const;
/** How a first line ends that announces what follows it. */
const ANNOUNCES = ':({[,=';

/** The text without ANSI escape sequences. */
function plainOf(text: string): string {
  return text.includes(ESC) ? text.replaceAll(ANSI, '') : text;
}

const schema = /* @__PURE__ */ stateSchema();

function stateSchema(): Schema<RecordReaderState> {
  const sourceState: Schema<SourceState> = object({
    source: text,
    stamped: count,
    unstamped: count,
    record: count,
    lines: count,
    open: choice(...OPEN_TRACES),
    calm: flag,
    columns: orAbsent(list(text)),
    misfits: orAbsent(count),
    clock: orAbsent(number),
    parted: orAbsent(flag),
  });
  return object({
    read: count,
    sources: list(sourceState),
    writers: list(writerState),
    dates: orAbsent(list(dateOrderState)),
  });
}

/**
 * Makes a reader of log lines that takes time, severity, component, message and named values apart.
 *
 * The form of a line is found by itself: JSON objects (pino, winston, zap, Serilog, MongoDB, Google Cloud, journald, Docker, events
 * of Windows), OTLP-JSON, logfmt, syslog (RFC 3164 and 5424; what a program writes in a form of its own too), access logs (common
 * and combined, Envoy, HAProxy, Squid; W3C's with the columns that a `#Fields:` line names, as of IIS and CloudFront), else plain
 * text with a time stamp in one of the usual forms, names of months in nine languages among them. A request is an error from
 * status 500 on and a warning from 400 on, in all of these. A clock without a day goes on over midnight. Dates such as
 * 03/02/2026 are read month first and 03.02.2026 day first, until a number above 12 or a turn of the day shows another order;
 * 26/02/03 is of 2026 until then.
 * ANSI escape sequences are dropped. What surrounds a line of a container is taken off first: the name in front as of
 * `docker compose logs` and `kubectl logs --prefix`, the time and stream of CRI, the JSON of Docker's files; a line that the
 * runtime has parted goes on in the next one.
 *
 * A line continues the record before it where it is indented, is of a trace (`Caused by:`, `Traceback`, what that one raised),
 * or has no time stamp in a log whose lines have one; but not one with which a program ends, such as `panic:`, nor the first
 * one behind a line that is not a warning and announces nothing. A line with a header continues the record of its process or
 * thread where it is of a trace that is logged line by line, or of the same message, as PostgreSQL's `DETAIL:`. Of containers
 * it is the last record of the same one, so that traces that come at once stay apart, of 64 at a time. At most 500 lines make
 * a record. What it reads of a line does not grow with the log. `logRecords` is the operator.
 *
 * ```ts
 * import { recordReader } from 'rxrnn';
 *
 * const { format, severity, component, message } = recordReader().read('<11>Dec 10 06:55:46 db1 sshd[24200]: disk full');
 * console.log(format, severity, component, message); // -> syslog3164 error sshd disk full
 * ```
 */
export function recordReader(given: RecordReaderOptions = {}): RecordReader {
  given = options('recordReader', given, {
    format: optional(checkFormat),
    now: optional(callable),
    state: optional((_who, _name, value) => void schema(value, 'recordReader: state')),
  });
  const { format, now } = given;
  let read = given.state?.read ?? 0;
  const sources = recentMap(given.state?.sources.map((state) => [state.source, state] as const));
  const writers = writerRecords(given.state?.writers);
  const dates = dateOrders(now, given.state?.dates);

  // Of the line that is read: its source, the clocks without a day in it, and whether it has the columns that are named.
  let reading = '';
  const clocks: (number | null | undefined)[] = [];
  let hasColumns = false;
  function choose(form: string, times: Parameters<ChooseTime>[1]): number | undefined {
    if (form === CLOCK_ALONE) {
      clocks.push(times[0]);
      return times[0];
    }
    return dates.choose(form + reading, times);
  }
  function parse(line: string, source: string): LineParts {
    reading = source;
    clocks.length = 0;
    hasColumns = false;
    const columns = sources.get(source)?.columns;
    if (columns && (format === undefined || format === 'access') && line.charCodeAt(0) !== HASH) {
      const parts = readColumns(line, columns, choose);
      hasColumns = parts !== undefined;
      if (parts) return parts;
    }
    if (format !== undefined) return READERS[format](line, choose) ?? readPlain(line, choose);
    if (line.startsWith('{')) return readJson(line, choose) ?? readPlain(line, choose);
    return readSyslog(line) ?? readAccess(line, choose) ?? readLogfmt(line, choose) ?? readPlain(line, choose);
  }

  /** The time of a line, in a year, or behind the latest one of its source. */
  function dated({ time }: LineParts, text: string, clock: number | undefined): number | null {
    if (time === null) return null;
    if (clocks.length > 0 && clocks.includes(time)) return clockAfter(time, clock ?? time);
    if (!now || time < Y2000 || time >= Y2001 || !timeStamp(text)?.isYearless) return time;
    return withYear(time, now());
  }

  return {
    read(line) {
      string('recordReader', 'line', line);
      const clean = plainOf(line);
      const wrapped = unwrapLine(clean);
      const { source, text } = wrapped ?? { source: '', text: clean };
      const parsed = parse(text, source);
      const before = sources.get(source);
      const time = dated(parsed, text, before?.clock);
      const parts = time === parsed.time ? parsed : { ...parsed, time };
      const clock = clocks.length > 0 && clocks.includes(parsed.time) ? time! : before?.clock;
      const named = text.charCodeAt(0) === HASH ? columnNames(text) : undefined;
      const directs = named !== undefined || (text.charCodeAt(0) === HASH && isDirective(text));
      const parted = wrapped?.isParted === true;
      read += 1;
      const bare = parts.format === 'plain' && parts.time === null;
      const opened = bare ? opensTrace(text) : '';
      const crashes = bare && (opened === 'source' || CRASHES.test(text));
      if (bare && !crashes && !directs && before && before.lines < MOST_LINES) {
        const open = before.parted ? before.open : openAfter(text, before);
        if (open !== undefined) {
          sources.set(source, { ...before, lines: before.lines + 1, open, parted });
          const time = wrapped?.time ?? null;
          return {
            ...parts,
            ...CONTINUED,
            line: clean,
            source,
            time,
            message: text.trim(),
            text,
            record: before.record,
          };
        }
      }
      const isKnown = bare && parts.component === '' && parts.message === text;
      const opens = isKnown ? opened : opensTrace(parts.message, parts.component) || opened; // `Error` is a level too
      if (!directs && MAY_BE_PARTS.has(parts.format)) {
        const found = writers.add(parts, text, source, read, opens);
        if (found) {
          const { record, body, open } = found;
          if (before?.record === record) sources.set(source, { ...before, lines: before.lines + 1, open, parted });
          return { ...parts, ...CONTINUED, line: clean, source, message: body.trim(), text: body, record };
        }
      }
      const columns = named ?? before?.columns;
      const kept =
        columns && columnsAfter(columns, named || hasColumns ? 0 : (before?.misfits ?? 0) + (directs ? 0 : 1));
      const { stamped, unstamped } = before ?? { stamped: 0, unstamped: 0 };
      sources.set(source, {
        source,
        stamped: stamped + (bare || directs ? 0 : 1),
        unstamped: unstamped + (bare && !directs ? 1 : 0),
        record: read,
        lines: 1,
        open: opens,
        calm: BELOW_WARNING.has(parts.severity) && !ANNOUNCES.includes(text.trimEnd().at(-1) ?? ':'),
        parted,
        columns: kept?.columns,
        misfits: kept?.misfits,
        clock,
      });
      if (sources.size > MOST_SOURCES) sources.dropOldest();
      return {
        line: clean,
        format: text !== clean && clean.startsWith('{') ? 'json' : parts.format, // a file of Docker
        time: wrapped?.time ?? parts.time,
        severity: crashes || opens === 'bugreport' || isCrash(parts) ? 'critical' : parts.severity,
        component: parts.component === '' ? (wrapped?.component ?? '') : parts.component,
        message: parts.format === 'json' ? plainOf(parts.message).trim() : parts.message,
        fields: parts.fields,
        source,
        text,
        record: read,
        continues: false,
      };
    },
    state() {
      const orders = dates.state();
      return {
        read,
        sources: Array.from(sources, ([, state]) => state),
        writers: writers.state(),
        ...(orders.length > 0 && { dates: orders }),
      };
    },
  };
}

/** Whether a line without a level is of a crash. */
function isCrash({ severity, format, component, message }: LineParts): boolean {
  if (severity !== null || !MAY_BE_PARTS.has(format)) return false;
  return CRASHES_BEHIND_HEADER.test(message) || (component === 'BUG' && CRASHES_BEHIND_HEADER.test(`BUG: ${message}`));
}

/** The columns of a source behind so many records in a row that do not have them: none behind too many. */
function columnsAfter(
  columns: readonly string[],
  misfits: number,
): Pick<SourceState, 'columns' | 'misfits'> | undefined {
  return misfits < MOST_MISFITS ? { columns, misfits } : undefined;
}

/**
 * What is open after a line without a time stamp that continues the record before it; undefined where it begins a record. It
 * continues a trace that is open. Beside that, where nearly all lines have a time stamp, it is a further line of a message. The
 * exception is the line next to a calm one (see `SourceState`): there it begins a record, since it is often of another program
 * or of the system, such as `Killed`.
 */
function openAfter(text: string, { stamped, unstamped, lines, open, calm }: SourceState): OpenTrace | undefined {
  const after = traceAfter(text.slice(0, MOST_CONTINUING), open, false);
  if (after !== undefined) return after;
  const usual = stamped >= SURE && stamped > 9 * unstamped;
  return usual && !(calm && lines === 1) ? open : undefined;
}
