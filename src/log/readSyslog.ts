import type { LineParts } from './logRecord.js';
import { severityOf } from './severityOf.js';
import { timeStamp } from './timeStamp.js';

const MOST_FIELDS = 64;
const MOST_HEAD = 16_384; // characters before the message: an expression keeps a place for each one that it repeats
const BSD =
  /^(?:<(\d{1,3})>)?((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\dT\S{8,40}) ([\w.:-]{1,255}) ([\w./-]{1,128})(?:\(([\w./-]{1,64})\))?(?:\[([\w.-]{1,32})\])?: ?/;
const IETF =
  /^<(\d{1,3})>1 (-|\S{19,40}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) (-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: |$)/;
const PARAMETER = /([^\s="\]]{1,32})="((?:[^"\\\]]|\\.)*)"/g;

/** What is not a host behind a time: a level, as of Rust's tracing, and a line of a trace that a container's runtime stamped. */
const NO_HOST = /^(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL|Caused)$|:$/;
/** What is not a program: the end of what a crash or its frames begin with, where a runtime stamped the line. */
const NO_PROGRAM = /(?:error|exception|trace|traceback|backtrace)$/i;
/** A level that a message begins with. */
const OWN_LEVEL =
  /^\[?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERR|ERROR|SEVERE|CRIT|CRITICAL|FATAL|ALERT|EMERG|PANIC)(?:\]:?|:)?(?=\s)/;
/** Priorities that a daemon gives to what says none. */
const BY_DEFAULT = new Set<LineParts['severity']>([null, 'info', 'notice']);

/** Reads a line of syslog, RFC 3164 (with or without priority; RFC 3339 times too) or RFC 5424; undefined for others. */
export function readSyslog(line: string): LineParts | undefined {
  const start = line.length > MOST_HEAD ? line.slice(0, MOST_HEAD) : line;
  const first = line.charCodeAt(0);
  if (first === 60) {
    const found = IETF.exec(start);
    if (found && (start === line || found[0].length < start.length)) return readIetf(line, found);
  }
  const found = BSD.exec(start);
  if (!found) return undefined;
  const [head, priority, stamp, host, program, part, pid] = found;
  if (NO_HOST.test(host!) || (pid === undefined && NO_PROGRAM.test(program!))) return undefined;
  const fields: [string, string][] = [['host', host!]];
  const text = line.slice(head.length).trim();
  const given = priority === undefined ? null : severityOf(Number(priority) % 8);
  const level = BY_DEFAULT.has(given) ? OWN_LEVEL.exec(text) : null;
  if (pid !== undefined) fields.push(['pid', pid]);
  return {
    line,
    format: 'syslog3164',
    time: timeStamp(stamp!)?.time ?? null,
    severity: level ? severityOf(level[1]!) : given,
    component: part === undefined ? program! : `${program}(${part})`,
    message: level ? text.slice(level[0].length).trim() : text,
    fields,
  };
}

function readIetf(line: string, found: RegExpExecArray): LineParts {
  const [head, priority, stamp, host, program, pid, id, data] = found;
  const named: [string, string | undefined][] = [
    ['host', host],
    ['pid', pid],
    ['msgid', id],
  ];
  const fields = named.filter((field): field is [string, string] => field[1] !== '-');
  for (const [, name, value] of data!.matchAll(PARAMETER)) {
    if (fields.length >= MOST_FIELDS) break;
    fields.push([name!, value!]);
  }
  return {
    line,
    format: 'syslog5424',
    time: timeStamp(stamp!)?.time ?? null,
    severity: severityOf(Number(priority) % 8),
    component: program === '-' ? '' : program!,
    message: line
      .slice(head.length)
      .replace(/^\uFEFF/, '')
      .trim(),
    fields,
  };
}
