import { beginsWithPair } from './beginsWithPair.js';
import { levelAt } from './levelAt.js';
import type { LineParts } from './logRecord.js';
import { MONTH } from './monthOf.js';
import { readAccess } from './readAccess.js';
import { readJson } from './readJson.js';
import { readLogfmt } from './readLogfmt.js';
import { readPlain } from './readPlain.js';
import { severityOf } from './severityOf.js';
import { severityOfStatus } from './severityOfStatus.js';
import { severityUnderPriority } from './severityUnderPriority.js';
import { statusIn } from './statusIn.js';
import { timeStamp } from './timeStamp.js';

const MOST_FIELDS = 64;
const MOST_HEAD = 16_384; // characters before the message: an expression keeps a place for each one that it repeats
const BSD = /* @__PURE__ */ new RegExp(
  String.raw`^(?:<(\d{1,3})>)?((?:${MONTH}\.?|\d{1,2}月) {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\dT\S{8,40}) ([\w.:-]{1,255}) (?:([a-z]{3,8}\d?\.[a-z]{3,7}) )?([\w./-]{1,128})(?:\(([\w./-]{1,64})\))?(?:\[([\w.-]{1,32})\])?(?: \([\w.[\]-]{1,128}\))?: ?`,
  'i',
);
const IETF =
  /^<(\d{1,3})>1 (-|\S{19,40}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) (-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: |$)/;
const PARAMETER = /([^\s="\]]{1,32})="((?:[^"\\\]]|\\.)*)"/g;

/** What is not a program: the end of what a crash or its frames begin with, where a runtime stamped the line. */
const NO_PROGRAM = /(?:error|exception|trace|traceback|backtrace)$/i;
/** What is not one either: the address of a client, in front of its port. */
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}:\d|[\da-f]{1,4}:[\da-f]{0,4}:)/i;
const MOST_GROUP = 5; // characters of an address up to its next colon
/** Whether a word in front of a program is not a host: a level, as of Rust's tracing, or of a trace that a runtime stamped. */
function isNoHost(text: string): boolean {
  return text === 'Caused' || text.endsWith(':') || (/^[A-Z]+$/.test(text) && severityOf(text) !== null);
}

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
  const [head, priority, stamp, host, facility, program, part, pid] = found;
  if (isNoHost(host!) || (pid === undefined && NO_PROGRAM.test(program!))) return undefined;
  if (head.endsWith(':') && ADDRESS.test(`${program}:${line.slice(head.length, head.length + MOST_GROUP)}`))
    return undefined;
  const fields: [string, string][] = [['host', host!]];
  const text = line.slice(head.length).trim();
  const given = priority === undefined ? severityOf(facility?.split('.')[1] ?? '') : severityOf(Number(priority) % 8);
  if (pid !== undefined) fields.push(['pid', pid]);
  return {
    line,
    format: 'syslog3164',
    time: timeStamp(stamp!)?.time ?? null,
    component: part === undefined ? program! : `${program}(${part})`,
    ...bodyOf(text, given, fields),
  };
}

/** Severity, message and fields of what a program wrote: often a line of a form of its own. */
function bodyOf(
  text: string,
  given: LineParts['severity'],
  fields: readonly (readonly [string, string])[],
): Pick<LineParts, 'severity' | 'message' | 'fields'> {
  const inner = readInner(text);
  if (inner) {
    const severity = severityUnderPriority(given, () => inner.severity);
    return { severity, message: inner.message, fields: [...fields, ...inner.fields] };
  }
  let message = text;
  const severity = severityUnderPriority(given, () => {
    const level = levelAt(text, 'tag');
    if (level) message = text.slice(level.length).trim();
    const status = level ? undefined : statusIn(text);
    return status === undefined ? level?.severity : severityOfStatus(status, given);
  });
  return { severity, message, fields };
}

const BRACE = 123;
/** How a line of klog, or with a time of Python and others, begins. */
const BEGINS_WITH_TIME = /^(?:[IWEF]\d{4} \d\d:|\d{4}[-/]\d\d[-/]\d\d[T ]\d)/;

/** A line of another form, behind the header of syslog. */
function readInner(text: string): LineParts | undefined {
  const code = text.charCodeAt(0);
  if (code === BRACE) return readJson(text);
  const isLower = code >= 97 && code <= 122;
  if (isLower && beginsWithPair(text)) return readLogfmt(text);
  // in lower case a message begins, or the address or name of a host
  const access = text.includes('"') && (!isLower || text.includes(' [')) ? readAccess(text) : undefined;
  return access ?? (!isLower && BEGINS_WITH_TIME.test(text) ? readPlain(text) : undefined);
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
  const text = line
    .slice(head.length)
    .replace(/^\uFEFF/, '')
    .trim();
  return {
    line,
    format: 'syslog5424',
    time: timeStamp(stamp!)?.time ?? null,
    component: program === '-' ? '' : program!,
    ...bodyOf(text, severityOf(Number(priority) % 8), fields),
  };
}
