import { levelAt } from './levelAt.js';
import type { LineParts, Severity } from './logRecord.js';
import { readPlain } from './readPlain.js';
import { requestOf } from './requestOf.js';
import { severityOf } from './severityOf.js';
import { severityOfStatus } from './severityOfStatus.js';
import { severityUnderPriority } from './severityUnderPriority.js';
import { type ChooseTime, timeStamp } from './timeStamp.js';

type Json = Readonly<Record<string, unknown>>;
type Role = 'time' | 'level' | 'message' | 'component';
/** What a value may be, and how many names of the same role are before its own. */
interface Ranked {
  readonly role: Role;
  readonly rank: number;
}
/** A value of an object, by its path. */
interface Entry {
  readonly path: string;
  readonly value: unknown;
  readonly ranked: Ranked | undefined;
}

const MOST_FIELDS = 64;
const MOST_ENTRIES = 80; // values of fields, and of roles
const MOST_ROLE = 12; // characters of a name that is looked up in whatever case
const MOST_DEPTH = 4;
const MOST_VALUE = 256;
const MOST_LENGTH = 262_144; // longer lines are read as plain ones
/**
 * The values that count as time, severity, message and component, the first ones before the others: `a.b` is a name with a dot or
 * a value of an inner object, as of ECS, of Rust's tracing, of Google Cloud, MongoDB and Windows.
 */
const NAMES: Readonly<Record<Role, string>> = {
  time:
    'time @timestamp timestamp ts __REALTIME_TIMESTAMP datetime t asctime @t Timestamp t.$date t.$date.$numberLong ' +
    'timestamp.seconds timestampSeconds instant.epochSecond timeMillis record.time.timestamp T dt eventTime EventTime ' +
    'TimeCreated Event.System.TimeCreated.SystemTime Event.System.TimeCreated.#attributes.SystemTime TimeGenerated ' +
    'requestReceivedTimestamp stageTimestamp start_time StartUTC time_iso8601 time_local date receiveTimestamp log_time log_timestamp _source.@timestamp _time result._time _SOURCE_REALTIME_TIMESTAMP',
  level:
    'level severity lvl log.level PRIORITY levelname severityText loglevel level_name @l LevelDisplayName Level LogLevel ' +
    'log_level jsonPayload.level jsonPayload.severity record.level.name level.name error_severity severity_text SeverityText ' +
    'Severity severity_label syslog_severity severityNumber severity_number SeverityNumber syslog.severity.name ' +
    'log.syslog.severity.name syslog.severity log.syslog.severity.code Event.System.Level EventType L s tags _source.level _source.log.level type',
  message:
    'msg message MESSAGE record.message body log text event short_message @m @mt Message textPayload fields.message ' +
    'jsonPayload.message jsonPayload.msg formattedMessage RenderedMessage MessageTemplate Body M properties.message ' +
    'protoPayload.status.message protoPayload.methodName errorMessage eventName err.message error.message exception.message log_message _source.message _raw result._raw',
  component:
    'logger name component module SYSLOG_IDENTIFIER service logger_name app log.logger service.name loggerName channel ' +
    'target Category Properties.SourceContext record.name program ProviderName SourceName winlog.provider_name ' +
    'Event.System.Provider.Name Event.System.Provider.#attributes.Name eventSource N c _SYSTEMD_UNIT',
};
/** The part of a second that is beside a time. */
const NANOS: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['timestamp.seconds', 'timestamp.nanos'],
  ['timestampSeconds', 'timestampNanos'],
  ['instant.epochSecond', 'instant.nanoOfSecond'],
]);
const ROLES: ReadonlyMap<string, Ranked> = /* @__PURE__ */ roles();

function roles(): Map<string, Ranked> {
  const found = new Map<string, Ranked>();
  for (const [role, names] of Object.entries(NAMES) as [Role, string][]) {
    for (const [rank, name] of names.split(' ').entries()) found.set(name, { role, rank });
  }
  return found;
}

/** What journald gives each entry a new value of. */
const OF_ENTRY = new Set(['__CURSOR', '__MONOTONIC_TIMESTAMP']);
/** Paths of a level by numbers of their own: OpenTelemetry's, and those of events of Windows. */
const OF_OTEL = /^severity_?number$/i;
const OF_WINDOWS: readonly (Severity | undefined)[] = [undefined, 'critical', 'error', 'warn', 'info', 'debug'];
const EVENT_OF_WINDOWS = /^(?:EventI[dD]|Event\.System\.EventID(?:\.#text)?|Id)$/;
const BESIDE_ID = ['ProviderName', 'TimeCreated', 'LevelDisplayName'];
/** A type that is a level, of those that it may be else. */
const TYPE = /^(?:error|warn|warning|info|debug|fatal|critical)$/i;
/** Levels of one letter, and names that mean something beside them alone. */
const OF_MONGO: Readonly<Record<string, Severity>> = { F: 'critical', E: 'error', W: 'warn', I: 'info', D: 'debug' };
/** Names that may be of other numbers, which are smaller. */
const SHORT = new Set(['T', 'dt', 'date']);
const LEAST = 1e9;
/** Names of whole lines of programs. */
const LINES = new Set(['log', '_raw', 'result._raw', 'textPayload', 'MESSAGE']);
/** A clock whose date is beside it. */
const CLOCK = /^\d{1,2}:\d\d:\d\d/;
const BESIDE_LETTERS = new Set(['s', 'c']);

/**
 * Reads a line that is a JSON object: as of pino, winston, bunyan, zap, zerolog, logrus, Serilog, monolog, log4j, GELF, ECS,
 * structlog, MongoDB, Google Cloud, journald, events of Windows, access logs in JSON or Docker's files, or OTLP-JSON, whose first
 * record counts; undefined for others.
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

function readObject(line: string, object: Json, choose?: ChooseTime): LineParts {
  const entries: Entry[] = [];
  flatten(object, '', 0, entries);
  const id = entries.find(({ path }) => (path.startsWith('E') || path === 'Id') && EVENT_OF_WINDOWS.test(path));
  const isEvent = id !== undefined && (id.path !== 'Id' || BESIDE_ID.some((name) => Object.hasOwn(object, name)));
  const hasLetters = Object.hasOwn(object, 's') && isObject(object['t']);
  const taken = new Set<string>();
  /** The first of the values of a role for which `read` has one. */
  function take<T>(role: Role, read: (value: unknown, path: string) => T | null): T | null {
    let best: { rank: number; path: string; value: T } | undefined;
    for (const { path, value, ranked } of entries) {
      if (ranked?.role !== role || (best && best.rank <= ranked.rank)) continue;
      if (BESIDE_LETTERS.has(path) && !hasLetters) continue;
      const own = read(value, path);
      if (own !== null) best = { rank: ranked.rank, path, value: own };
    }
    if (best) taken.add(best.path);
    return best ? best.value : null;
  }
  const time = take('time', (value, path) => {
    if (typeof value === 'number' && value < LEAST && SHORT.has(path)) return null;
    if (typeof value === 'string' && CLOCK.test(value) && path.toLowerCase() === 'time') {
      const date = entries.find(({ path, value }) => typeof value === 'string' && path.toLowerCase() === 'date');
      const both = date ? timeOf(`${String(date.value)} ${value}`, choose) : null;
      if (both !== null) taken.add(date!.path);
      if (both !== null) return both;
    }
    const nanos = NANOS.get(path);
    const own = timeOf(value, nanos === undefined ? choose : undefined);
    if (own === null || nanos === undefined) return own;
    const part = Number(entries.find(({ path }) => path === nanos)?.value ?? 0);
    taken.add(nanos);
    return own + (part > 0 && part < 1e9 ? Math.floor(part / 1e6) : 0);
  });
  let isPriority = false; // of syslog
  const level = take('level', (value, path) => {
    const own = levelOf(value, path, isEvent);
    if (own !== null) isPriority = path === 'PRIORITY';
    return own;
  });
  let isLine = false; // as a program wrote it, not a text beside a level
  const given = take('message', (value, path) => {
    const own = textOfMessage(value);
    if (own !== null) isLine = LINES.has(path);
    return own;
  });
  const component = take('component', (value) => (typeof value === 'string' && value !== '-' ? value : null)) ?? '';
  const fields: [string, string][] = [];
  for (const { path, value } of entries) {
    if (fields.length >= MOST_FIELDS) break;
    if (!taken.has(path) && !OF_ENTRY.has(path)) fields.push([path, textOf(value)]);
  }
  const request = requestOf(fields);
  const ofText = (): Severity | null =>
    given === null ? null : (levelAt(given.trimStart(), isLine ? false : 'message')?.severity ?? null);
  const inside = level === null ? ofText() : isPriority ? severityUnderPriority(level, ofText) : level;
  const severity = request ? severityOfStatus(request.status, inside) : inside;
  const own = { line, format: 'json', time, severity, component } as const;
  if (given === null || typeof object['log'] !== 'string' || severity !== null) {
    const other = isEvent ? `event ${textOf(id.value)}` : fields.map(([name]) => name).join(' ');
    const isEntry = Object.hasOwn(object, '__REALTIME_TIMESTAMP'); // the line of a text, whose indent says something
    const message = (isEntry ? given?.trimEnd() : given?.trim()) ?? request?.text ?? other;
    return { ...own, message, fields };
  }
  const inner = readPlain(given.trim(), choose); // a line of a program, in a file of Docker
  return { ...inner, line, format: 'json', time: time ?? inner.time, fields: [...inner.fields, ...fields] };
}

/** The severity that a value of a path stands for. */
function levelOf(value: unknown, path: string, isEvent: boolean): Severity | null {
  if (path === 'tags') return Array.isArray(value) && typeof value[0] === 'string' ? severityOf(value[0]) : null;
  if (!isScalar(value) || (path === 'type' && !TYPE.test(String(value)))) return null;
  const number = Number(value);
  if (path === 's') return /^(?:[FEWI]|D[1-5]?)$/.test(String(value)) ? OF_MONGO[String(value)[0]!]! : null;
  if (OF_OTEL.test(path)) return levelOfOtel(number);
  if (isEvent && /(?:^|\.)Level$/.test(path) && number <= 5) return OF_WINDOWS[number] ?? null;
  return severityOf(value);
}

/** The severity of a number of OpenTelemetry, from 1 to 24; null for 0, which means that it is not known, and for any other. */
function levelOfOtel(number: number): Severity | null {
  return number > 0 && number <= 24 ? severityOf(Math.ceil(number / 4) * 10) : null;
}

/** The text of a message, null without one; journald writes one that is not printable as the numbers of its bytes. */
function textOfMessage(message: unknown): string | null {
  if (areBytes(message)) return new TextDecoder().decode(Uint8Array.from(message));
  return typeof message === 'string' && /\S/.test(message) ? message : null;
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
    (typeof level === 'string' ? severityOf(level) : null) ?? (typeof number === 'number' ? levelOfOtel(number) : null);
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
  if (value < 1e14) return Math.floor(value < 1e11 ? value * 1000 : value);
  return Math.floor(value / (value < 1e17 ? 1000 : 1e6));
}

/** The role of a name in capitals, or with them. */
function rankedOf(name: string): Ranked | undefined {
  const lower = name.toLowerCase();
  return lower === name || name.length === 1 ? undefined : ROLES.get(lower);
}

/** The values of an object and of those in it, by their paths; behind so many, those alone that have a role. */
function flatten(object: Json, prefix: string, depth: number, to: Entry[]): void {
  for (const name of Object.keys(object)) {
    const value = object[name];
    const path = prefix + name;
    if (isObject(value) && depth < MOST_DEPTH) flatten(value, `${path}.`, depth + 1, to);
    else {
      const ranked = ROLES.get(path) ?? (path.length <= MOST_ROLE ? rankedOf(path) : undefined);
      if (to.length < MOST_ENTRIES || ranked) to.push({ path, value, ranked });
    }
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

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
