import type { LineParts } from './logRecord.js';
import { readPlain } from './readPlain.js';
import { severityOf } from './severityOf.js';
import { type ChooseTime, timeStamp } from './timeStamp.js';

type Json = Readonly<Record<string, unknown>>;

const MOST_FIELDS = 64;
const MOST_DEPTH = 4;
const MOST_VALUE = 256;
const MOST_LENGTH = 262_144; // longer lines are read as plain ones
const TIME = [
  'time',
  '@timestamp',
  'timestamp',
  'ts',
  '__REALTIME_TIMESTAMP',
  'datetime',
  't',
  'asctime',
  '@t',
  'Timestamp',
];
const LEVEL = [
  'level',
  'severity',
  'lvl',
  'log.level',
  'PRIORITY',
  'levelname',
  'severityText',
  'loglevel',
  'level_name',
  '@l',
  'Level',
  'LogLevel',
];
const MESSAGE = [
  'msg',
  'message',
  'MESSAGE',
  'body',
  'log',
  'text',
  'event',
  'short_message',
  '@m',
  '@mt',
  'Message',
  'textPayload',
];
const COMPONENT = [
  'logger',
  'name',
  'component',
  'module',
  'SYSLOG_IDENTIFIER',
  'service',
  'logger_name',
  'app',
  'log.logger',
  'service.name',
  'loggerName',
  'channel',
  'target',
  'Category',
];
/** What journald gives each entry a new value of. */
const OF_ENTRY = ['__CURSOR', '__MONOTONIC_TIMESTAMP'];
/** Objects whose values count as those of the line, as in ECS and Rust's tracing: their names, what is before each, which. */
const INNER = [
  ['log', 'log.', ['level', 'logger']],
  ['fields', '', ['message']],
] as const;

/**
 * Reads a line that is a JSON object: as of pino, winston, bunyan, zap, logrus, Serilog, monolog, GELF, ECS, journald or
 * Docker's files, or OTLP-JSON, whose first record counts; undefined for others.
 */
export function readJson(line: string, choose?: ChooseTime): LineParts | undefined {
  if (line.length > MOST_LENGTH || !/^\s*\{.*\}\s*$/s.test(line)) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(parsed)) return undefined;
  return readOtlp(line, parsed) ?? readObject(line, parsed, choose);
}

/** The object with the values that an inner object has for it. */
function withInner(object: Json): Json {
  for (const [name, prefix, values] of INNER) {
    const inner = object[name];
    if (!isObject(inner)) continue;
    const left = { ...inner };
    for (const value of values) {
      if (!Object.hasOwn(inner, value) || Object.hasOwn(object, prefix + value)) continue;
      object = { ...object, [prefix + value]: inner[value], [name]: left };
      delete left[value];
    }
  }
  return object;
}

function readObject(line: string, given: Json, choose?: ChooseTime): LineParts {
  const object = withInner(given);
  const left = { ...object };
  for (const name of OF_ENTRY) delete left[name];
  const take = (
    names: readonly string[],
    accepts: (value: unknown) => boolean,
    prefers: (value: unknown) => boolean = accepts,
  ): unknown => {
    const own = names.filter((name) => Object.hasOwn(object, name) && accepts(object[name]));
    const name = own.find((name) => prefers(object[name])) ?? own[0];
    if (name === undefined) return undefined;
    delete left[name];
    return object[name];
  };
  const time = timeOf(
    take(TIME, isScalar, (value) => timeOf(value) !== null),
    choose,
  ); // not an empty one
  const level = take(LEVEL, isScalar, (value) => severityOf(value as string | number) !== null);
  const severity = level === undefined ? null : severityOf(level as string | number);
  const message = textOfMessage(take(MESSAGE, (value) => typeof value === 'string' || areBytes(value)));
  const component = take(COMPONENT, (value) => typeof value === 'string');
  const fields: [string, string][] = [];
  flatten(left, '', 0, fields);
  const text = message === undefined ? fields.map(([name]) => name).join(' ') : message.trim();
  const own = { line, format: 'json', time, severity, component: (component as string | undefined) ?? '' } as const;
  if (typeof object['log'] !== 'string' || severity !== null) {
    return { ...own, message: text, fields };
  }
  const inner = readPlain(text, choose); // a line of a program, in a file of Docker
  return { ...inner, line, format: 'json', time: time ?? inner.time, fields: [...inner.fields, ...fields] };
}

/** Journald writes a text that is not printable as the numbers of its bytes. */
function textOfMessage(message: unknown): string | undefined {
  return areBytes(message) ? new TextDecoder().decode(Uint8Array.from(message)) : (message as string | undefined);
}

function areBytes(value: unknown): value is number[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((one) => Number.isInteger(one) && one >= 0 && one < 256)
  );
}

function readOtlp(line: string, object: Json): LineParts | undefined {
  const resource = first(object['resourceLogs']);
  const scope = first(resource?.['scopeLogs'] ?? resource?.['instrumentationLibraryLogs']);
  const record = first(scope?.['logRecords']);
  if (!record) return undefined;
  const fields: [string, string][] = [];
  let component = '';
  for (const holder of [resource!['resource'], record]) {
    const attributes =
      isObject(holder) && Array.isArray(holder['attributes']) ? (holder['attributes'] as unknown[]) : [];
    for (const attribute of attributes) {
      if (!isObject(attribute) || typeof attribute['key'] !== 'string' || fields.length >= MOST_FIELDS) continue;
      const value = anyValue(attribute['value']);
      if (attribute['key'] === 'service.name') component = value;
      else fields.push([attribute['key'], value]);
    }
  }
  const level = record['severityText'];
  const number = record['severityNumber'];
  const severity =
    (typeof level === 'string' ? severityOf(level) : null) ??
    (typeof number === 'number' && number > 0 ? severityOf(Math.ceil(number / 4) * 10) : null);
  return {
    line,
    format: 'otlp',
    time: timeOfNanos(record['timeUnixNano']) ?? timeOfNanos(record['observedTimeUnixNano']),
    severity,
    component,
    message: anyValue(record['body']).trim(),
    fields,
  };
}

/** Milliseconds of a time of OTLP, of which 0 means that it is not known; null for what is not a time. */
function timeOfNanos(value: unknown): number | null {
  if (typeof value !== 'number' && (typeof value !== 'string' || !/^\d{1,20}$/.test(value))) return null;
  const nanos = Number(value);
  return nanos > 0 && Number.isFinite(nanos) ? Math.floor(nanos / 1e6) : null;
}

/** The text of OpenTelemetry's AnyValue. */
function anyValue(value: unknown): string {
  if (!isObject(value)) return '';
  const [inner] = Object.values(value);
  return textOf(inner);
}

function timeOf(value: unknown, choose?: ChooseTime): number | null {
  if (typeof value === 'string') {
    if (/^\d{16}$/.test(value)) return Math.floor(Number(value) / 1000); // microseconds of journald
    return timeStamp(value, choose)?.time ?? null;
  }
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return null;
  return value < 1e11 ? Math.floor(value * 1000) : value < 1e14 ? Math.floor(value) : Math.floor(value / 1000);
}

function flatten(object: Json, prefix: string, depth: number, to: [string, string][]): void {
  for (const [name, value] of Object.entries(object)) {
    if (to.length >= MOST_FIELDS) return;
    if (isObject(value) && depth < MOST_DEPTH) flatten(value, `${prefix}${name}.`, depth + 1, to);
    else to.push([prefix + name, textOf(value)]);
  }
}

/** The beginning of a value's text: of a text itself, of any other value its JSON. */
function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : jsonStart(value, MOST_VALUE);
  return text.length > MOST_VALUE ? text.slice(0, MOST_VALUE) : text;
}

/** The first characters of the JSON of a value, `most` or more; the recursion is at most as deep as they are many. */
function jsonStart(value: unknown, most: number): string {
  if (typeof value === 'string') return JSON.stringify(value.length > most ? value.slice(0, most) : value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const isList = Array.isArray(value);
  let text = isList ? '[' : '{';
  let between = '';
  for (const name of isList ? value.keys() : Object.keys(value)) {
    if (text.length >= most) break;
    text += between;
    if (!isList) text += `${jsonStart(name, most)}:`;
    if (text.length < most) text += jsonStart((value as Record<string | number, unknown>)[name], most - text.length);
    between = ',';
  }
  return text + (isList ? ']' : '}');
}

function first(list: unknown): Json | undefined {
  const item: unknown = Array.isArray(list) ? list[0] : undefined;
  return isObject(item) ? item : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}
