import type { LineParts } from './logRecord.js';
import { requestOf } from './requestOf.js';
import { severityOf } from './severityOf.js';
import { severityOfStatus } from './severityOfStatus.js';
import { type ChooseTime, timeStamp } from './timeStamp.js';

const NAME = /([A-Za-z_@][\w.@/-]{0,63})=/y;
const END_OF_BARE = /[\s"]/g;
const END_OF_SPACE = /\S/g;
const MOST_FIELDS = 64;
const MOST_PAIRS = 4096;
const MOST_UNESCAPED = 65_536; // characters of a value
/** A clock whose date is beside it, as of Fortinet. */
const CLOCK = /^\d{1,2}:\d\d:\d\d/;
const TIME = new Set(['time', 'ts', 't', 'timestamp', '@timestamp']);
const LEVEL = new Set(['level', 'lvl', 'severity', 'levelname', 'loglevel', 'log.level', 'at']);
const MESSAGE = new Set(['msg', 'message', 'desc']);
const COMPONENT = new Set(['logger', 'component', 'module', 'service', 'app']);
/** Heroku's router calls the time that a service took `service`. */
const DURATION = /^\d/;

/**
 * Reads a line of `name=value` pairs and nothing else, two or more; undefined for others. Only the first 4096 pairs are
 * looked at. Values are found by loops and searches: a repetition in an expression keeps a place for each character to go
 * back to, and for a long value there are too many.
 */
export function readLogfmt(line: string, choose?: ChooseTime): LineParts | undefined {
  const equals = line.indexOf('=');
  if (equals < 1 || equals > 64) return undefined;
  let time: number | null = null;
  let clock: string | undefined;
  let severity: LineParts['severity'] = null;
  let message: string | undefined;
  let component = '';
  const fields: [string, string][] = [];
  let pairs = 0;
  let at = 0;
  while (at < line.length && pairs < MOST_PAIRS) {
    NAME.lastIndex = at;
    const name = NAME.exec(line)?.[1];
    if (name === undefined) return undefined;
    const from = at + name.length + 1;
    const quoted = line.charCodeAt(from) === QUOTE;
    const to = quoted ? closingQuote(line, from + 1) : find(END_OF_BARE, line, from);
    const next = to + (quoted ? 1 : 0);
    at = find(END_OF_SPACE, line, next);
    if (to < 0 || (at === next && at < line.length)) return undefined;
    pairs += 1;
    const value = quoted ? unescaped(line.slice(from + 1, to)) : line.slice(from, to);
    const key = name.toLowerCase();
    if (time === null && TIME.has(key)) {
      time = timeStamp(value, choose)?.time ?? null;
      if (CLOCK.test(value)) clock = value;
    } else if (severity === null && LEVEL.has(key) && (key !== 'at' || severityOf(value) !== null)) {
      severity = severityOf(value);
    } else if (message === undefined && MESSAGE.has(key)) message = value;
    else if (component === '' && COMPONENT.has(key) && !DURATION.test(value)) component = value;
    else if (fields.length < MOST_FIELDS) fields.push([name, value]);
  }
  if (pairs < 2 || (message === undefined && pairs < 3)) return undefined;
  const date = clock === undefined ? -1 : fields.findIndex(([name]) => name.toLowerCase() === 'date');
  const both = date < 0 ? undefined : timeStamp(`${fields[date]![1]} ${clock}`, choose);
  if (both) {
    time = both.time;
    fields.splice(date, 1);
  }
  const request = requestOf(fields);
  if (request) severity = severityOfStatus(request.status, severity);
  message ??= request?.text ?? fields.map(([name]) => name).join(' ');
  return { line, format: 'logfmt', time, severity, component, message, fields };
}

const QUOTE = 34;
const BACKSLASH = 92;

/** Where the quotation ends that a text is inside of at `from`, or −1. */
function closingQuote(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i;
    if (code === BACKSLASH) i += 1;
  }
  return -1;
}

/** The text of a quotation; of a long one its beginning, and then the rest as it is. */
function unescaped(text: string): string {
  const start = text.length > MOST_UNESCAPED ? text.slice(0, MOST_UNESCAPED) : text;
  return start.replaceAll('\\"', '"') + text.slice(start.length);
}

/** Where an expression of one character is found first from a place on, or the end of the text. */
function find(expression: RegExp, text: string, from: number): number {
  expression.lastIndex = from;
  return expression.exec(text)?.index ?? text.length;
}
