import { beginsWithPair } from './beginsWithPair.js';
import { isDigit } from './isDigit.js';
import { levelAt } from './levelAt.js';
import { levelInColumns } from './levelInColumns.js';
import { levelOfPlatform } from './levelOfPlatform.js';
import type { LineParts, Severity } from './logRecord.js';
import { readLogfmt } from './readLogfmt.js';
import { severityOf } from './severityOf.js';
import { severityOfLetter } from './severityOfLetter.js';
import { severityOfStatus } from './severityOfStatus.js';
import { severityUnderPriority } from './severityUnderPriority.js';
import { statusIn } from './statusIn.js';
import { type ChooseTime, type TimeStamp, timeStamp } from './timeStamp.js';

const MOST_THREAD = 96;
const MOST_PREFIX = 600; // characters between the time and the level
const MOST_HEAD = 4096; // characters before the message: an expression keeps a place for each one that it repeats
const PIPED = /^([A-Za-z][\w.]*)\|(?:\d+\|)?/;
const COMPONENT = /^([A-Za-z][\w.$/-]*(?:::\w+)*)(?:\(([\w-]+)\))?(?:\[[\w.-]+\])?:(?=\s|$)/;
/** The logger of Log4j and Logback, in front of a dash. */
const LOGGER = /^([A-Za-z_][\w$]*(?:\.[\w$]+)+) +--?(?= )/;
/** The logger of Python in front of a level: `name - ERROR - `, `[name] [ERROR]`, and the like, and one with dots. */
const LOGGER_BEFORE =
  /^(?:\[([A-Za-z_][\w.]*)\](?: +- +| +)(?=\[)|([A-Za-z_][\w.]*) +[-|] +)(?=\[?([A-Z\u00c0-\u00de\u0401-\u042f]{3,14}) *(?:\]| [-|:]))|^(root|[A-Za-z_][\w-]*(?:\.[\w-]+)+) +(?=([A-Z]{3,14})[ :])/;
const SKIPPED =
  /^(?:\d+|[-|:])(?=[\s|]|$)[\s|,]*|^-(?=[A-Z]{4,5} in )|^\d{1,10}-\d{1,10}\/\S{1,255}(?= [VDIWEFA]\/)|^[\s|,]+/;
/** A logger in brackets, as of Elasticsearch and JBoss. */
const LOGGER_IN_BRACKETS = /^[a-z][\w$]*(?:\.[\w$]+)*\.[A-Z][\w$]*$/;
/** What is behind a level inside of the brackets of a time: the module of Rust's env_logger, the process of Celery. */
const INSIDE = /^(?: +([\w:.-]{1,96})|\/([\w.:-]{1,96}))\] ?/;
/** A process of Erlang. */
const OF_ERLANG = /^<(\d{1,10}\.\d{1,10}\.\d{1,10})>(?: |$)/;
/** The place in the code that Airflow has in front of the level, and the query of ClickHouse. */
const IN_BRACES = /^\{(?:([\w.-]{1,96}):(\d{1,9})|([\w-]{0,64}))\} (?=<?[A-Z])/;
/** Pairs of names and values in front of the level, as of Sidekiq and Elixir; the process of SQL Server. */
const PAIRS_BEFORE = /^(?:[a-z_]{1,24}=\S{0,128} ){1,8}/;
const OF_SQL_SERVER = /^(spid\d{1,6}s?|Logon) {2,16}(?=\S)/;
/** A clock without seconds, as zerolog writes it. */
const KITCHEN = /^\d{1,2}:\d\d[AP]M (?=[A-Z]{3} )/;
/** The thread, class and kind of a message of WebSphere. */
const OF_WEBSPHERE = /^(?: [A-Z]{2,5})?\] [\da-f]{8} \S{1,64} +([A-Z]) +(?=\S)/;
/** Behind the level of Spring Boot: its application, thread and logger. */
const OF_SPRING = /^--- (?:\[[^\]]{0,64}\] ?)?\[([^\]]{1,64})\] (?:\[[^\]]{0,128}\] ?)?(\S{1,255}) {0,64}: /;
/** The logger of Python's basic configuration, and of .NET's console, and the process of pino's. */
const OF_PYTHON = /^[A-Z]{4,8}:([A-Za-z_][\w.]{0,95}):(?! )/;
const OF_DOTNET = /^([A-Z][\w.`]{0,255})\[\d{1,9}\](?: (?=\S)|$)/;
const OF_PINO = /^\((?:([\w.-]{1,64})\/)?(\d{1,10})(?: on [\w.-]{1,64})?\): /;
const MOST_DEVICE = 48; // characters before the name of a message of network devices
const MOST_DEVICE_NAME = 192; // characters of that name, whose parts are of 64 each
const MOST_PARTS = 8; // of a header, between the time and the message
const MOST_ZONE = 9; // characters of a zone behind a time, and of what ends its column
const MOST_LEAD = 3; // characters between the column before a time and the time
/** What the status of a request may raise. */
const BELOW_WARNING: ReadonlySet<Severity | null> = new Set([null, 'info', 'notice', 'debug', 'trace']);
/** Of PostgreSQL: what `log_line_prefix` has behind the time, a process among it, and the level in front of two spaces. */
const OF_POSTGRES =
  /^(?:[^"']{0,300}?\[(\d{1,10})[\]-][^"']{0,200}?|(?: [A-Z]{3,5})? )(?<![\w\u00c0-\u04ff])(?:(?=(?:DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION|BACKTRACE): {2})|([A-Z\u00c0-\u00de\u0401-\u042f]{3,14})\d?: {2})/;
const WEBSPHERE: Readonly<Record<string, Severity>> = {
  F: 'critical',
  E: 'error',
  W: 'warn',
  A: 'notice',
  I: 'info',
  C: 'info',
  D: 'info',
  O: 'info',
  R: 'info',
};

/** The level, time, thread and place in the code of klog and glog. */
const OF_KLOG = /^([IWEF])(?:\d{4})?\d{4} \d\d:\d\d:\d\d\.\d{6} {1,16}(\d{1,20}) ([\w.-]{1,255}):(\d{1,9})\] ?/;

/** The process and its role in front of the time of Redis, and the sign of its level behind it. */
const OF_REDIS = /^(?:\d{1,10}:[XCSM] |\[\d{1,10}\] )(?=\d\d [A-Z][a-z]{2} )/;
/** The process, level and program of Ruby's logger, and its time. */
const OF_RUBY = /^[DIWEFA], \[[^\]#]{10,40}#(\d{1,10})\] {1,2}([A-Z]{3,7}) -- ([^:]{0,100}): ?/;
/** The priority that systemd takes off lines, and syslog without more of a header. */
const PRIORITY = /^<(\d{1,3})>(?!<)/;
/** The level and thread of Cassandra in front of its time, or the level of Dropwizard in front of the brackets of its time. */
const THREAD_BEFORE = /^([A-Z]{4,8}) +\[(?:([^\]]{1,96})\] )?$/;
/** What may be around a level that is all that a line has before its time. */
const AROUND = /^[\s[\]()<>【】:,;|"-]+|[\s[\]()<>【】:,;|"-]+$/g;
/** What ends a column where a time is one. */
const AFTER_TIME = /^(?: [A-Z]{2,5})?["\])]? ?([,;|\t])/;
const BEFORE_TIME = /([,;|\t]) ?["[(]?$/;
const MOST_COLUMNS = 14;
const SIGNS: Readonly<Record<string, Severity>> = { '.': 'debug', '-': 'info', '*': 'notice', '#': 'warn' };

/** Reads a line without a form of its own: takes the time, the severity, threads in brackets and the logger off its front. */
export function readPlain(line: string, choose?: ChooseTime): LineParts {
  const priority = PRIORITY.exec(line);
  if (priority) {
    const inner = readPlain(line.slice(priority[0].length), choose);
    return {
      ...inner,
      line,
      severity: severityUnderPriority(severityOf(Number(priority[1]) % 8), () => inner.severity),
    };
  }
  const stamp = timeStamp(line, choose);
  const redis = stamp && OF_REDIS.exec(line)?.[0].length === stamp.from ? SIGNS[line[stamp.to + 1] ?? ''] : undefined;
  if (redis) return ofRedis(line, stamp!, redis);
  const ruby = stamp && line[1] === ',' ? OF_RUBY.exec(line) : null;
  if (ruby) return ofRuby(line, stamp!, ruby);
  const klog = OF_KLOG.exec(line);
  if (stamp && klog) return ofKlog(line, stamp, klog);
  const atFront = stamp !== undefined && stamp.from <= 2;
  const found = atFront && line.includes(':  ') ? OF_POSTGRES.exec(line.slice(stamp.to, stamp.to + MOST_PREFIX)) : null;
  const postgres = found && (found[2] === undefined || severityOf(found[2]) !== null) ? found : null;
  if (postgres) return ofPostgres(line, stamp!, postgres);
  const head = line.length > MOST_HEAD ? line.slice(0, MOST_HEAD) : line;
  const kitchen = stamp ? null : KITCHEN.exec(head);
  let rest = kitchen ? head.slice(kitchen[0].length) : head;
  const fields: [string, string][] = [];
  const thread = stamp && !atFront && stamp.from <= MOST_THREAD ? THREAD_BEFORE.exec(head.slice(0, stamp.from)) : null;
  const behindThread = thread && severityOf(thread[1]!) !== null ? thread : null;
  let isOpen = false; // a bracket with the time and more
  let severity: LineParts['severity'] = null;
  if (stamp && atFront) {
    const after = head.slice(stamp.to);
    const closed = /^[[(<]/.test(head) ? /^(?: ([A-Z]{2,5}))?[\])>]/.exec(after) : null;
    rest = closed && severityOf(closed[1] ?? '') === null ? after.slice(closed[0].length) : after;
    isOpen = rest === after && head.startsWith('[');
  } else if (stamp && behindThread) {
    rest = head.slice(stamp.to + (behindThread[2] === undefined && head[stamp.to] === ']' ? 1 : 0));
    severity = severityOf(behindThread[1]!);
    if (behindThread[2] !== undefined) fields.push(['thread', behindThread[2]]);
  } else if (stamp) rest = `${head.slice(0, stamp.from)}${head.slice(stamp.to)}`;
  const isLed = atFront || behindThread !== null; // by the time
  const header = isLed || !stamp;
  let numbers = 0; // columns of them, behind the time
  let logger: string | undefined;
  for (let part = 0; part < MOST_PARTS; part++) {
    const skipped = SKIPPED.exec(rest);
    if (skipped && (isLed || /^\s/.test(rest))) {
      if (isDigit(rest.charCodeAt(0))) numbers += /^\d+-/.test(skipped[0]) ? 2 : 1; // or process and thread in one
      rest = rest.slice(skipped[0].length);
      continue;
    }
    const named = atFront && severity === null ? LOGGER_BEFORE.exec(rest) : null;
    if (named && severityOf(named[3] ?? named[5]!) !== null) {
      logger = named[1] ?? named[2] ?? named[4];
      rest = rest.slice(named[0].length);
    }
    if (severity === null) {
      const level = levelAt(rest, header);
      if (level) {
        severity = level.severity;
        if (level.component !== '') logger ??= level.component;
        rest = rest.slice(level.length + (isOpen && rest[level.length] === ']' ? 1 : 0));
        if (level.length === 0) break;
        const inside = isOpen ? INSIDE.exec(rest) : null;
        if (inside) {
          rest = rest.slice(inside[0].length);
          logger ??= inside[1];
          if (inside[2] !== undefined) fields.push(['thread', inside[2]]);
          isOpen = false;
        }
        continue;
      }
      const own = header ? levelOfPlatform(rest, isLed ? head.slice(stamp!.from, stamp!.to) : '', numbers) : undefined;
      if (own) {
        severity = own.severity;
        if (own.component !== '') logger ??= own.component;
        for (const [name, value] of own.fields) fields.push([name, value]);
        rest = rest.slice(own.length);
        break;
      }
      const ahead = isLed ? aheadOfLevel(rest) : undefined;
      if (ahead) {
        for (const [name, value] of ahead.fields) fields.push([name, value]);
        rest = rest.slice(ahead.length);
        continue;
      }
    }
    const erlang = atFront && rest.startsWith('<') ? OF_ERLANG.exec(rest) : null;
    if (erlang) {
      fields.push(['thread', erlang[1]!]);
      rest = rest.slice(erlang[0].length);
      break;
    }
    if (header && rest.startsWith('[') && !rest.startsWith('[C]: ')) {
      const end = closing(rest);
      const behind = rest.slice(end + 1).trimStart();
      if (end > 0 && behind !== '' && (isLed || (severity === null && levelAt(behind, true)))) {
        const name = rest.slice(1, end).trim();
        if (logger === undefined && LOGGER_IN_BRACKETS.test(name)) logger = name;
        else fields.push(['thread', rest.slice(1, end)]);
        rest = rest.slice(end + 1);
        continue;
      }
    }
    break;
  }
  if (stamp && severity === null) severity = severityAround(head, stamp);
  if (severity === null && atFront) severity = levelOfDevice(rest);
  if (severity !== null) {
    const named = namedBehindLevel(line, rest, stamp === undefined);
    if (named) {
      logger ??= named.component;
      for (const [name, value] of named.fields) fields.push([name, value]);
      rest = rest.slice(named.length);
    }
  }
  const component =
    logger === undefined && (atFront || severity !== null)
      ? (PIPED.exec(rest) ?? COMPONENT.exec(rest) ?? (severity === null ? null : LOGGER.exec(rest)))
      : null;
  if (component) rest = rest.slice(component[0].length);
  if (component && severity === null) {
    const text = rest.trimStart();
    const level = levelAt(text, 'tag');
    if (level) [severity, rest] = [level.severity, text.slice(level.length)];
  }
  const message = `${rest}${line.slice(head.length)}`.trim();
  const pairs = severity === null && beginsWithPair(message) ? readLogfmt(message, choose) : undefined;
  const status = BELOW_WARNING.has(severity) ? statusIn(message) : undefined;
  return {
    line,
    format: 'plain',
    time: stamp?.time ?? null,
    severity: pairs?.severity ?? (status === undefined ? severity : severityOfStatus(status, severity)),
    component: component ? component[1]! : (logger ?? ''),
    message: pairs?.message ?? message,
    fields: pairs ? [...fields, ...pairs.fields] : fields,
  };
}

/** Fields that are in front of a level in a form of their own. */
function aheadOfLevel(text: string): { fields: [string, string][]; length: number } | undefined {
  const code = text.charCodeAt(0);
  if (code === BRACE) {
    const [head, file, row, query] = IN_BRACES.exec(text) ?? [];
    if (head === undefined) return undefined;
    const fields: [string, string][] = file === undefined ? [['query', query!]] : [['file', file], ['line', row!]]; // prettier-ignore
    return { fields, length: head.length };
  }
  const spid = code === SMALL_S || code === CAPITAL_L ? OF_SQL_SERVER.exec(text) : null;
  if (spid) return { fields: [['thread', spid[1]!]], length: spid[0].length };
  const equals = code >= SMALL_A && code <= SMALL_Z ? text.indexOf('=') : -1;
  const pairs = equals > 0 && equals <= MOST_NAME ? PAIRS_BEFORE.exec(text)?.[0] : undefined;
  if (pairs === undefined || !levelAt(text.slice(pairs.length), true)) return undefined;
  const fields = pairs
    .trimEnd()
    .split(' ')
    .map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)];
    });
  return { fields, length: pairs.length };
}

const CAPITAL_L = 76;
const SMALL_A = 97;
const SMALL_S = 115;
const SMALL_Z = 122;
const BRACE = 123;
const MOST_NAME = 24; // characters

/** The level that a message of network devices has in its name, behind what a device has in front of it. */
function levelOfDevice(text: string): Severity | null {
  const at = text.indexOf('%');
  return at >= 0 && at <= MOST_DEVICE
    ? (levelAt(text.slice(at, at + MOST_DEVICE_NAME), false)?.severity ?? null)
    : null;
}

/** The logger, and more, that is behind a level in a form of its own. */
function namedBehindLevel(
  line: string,
  text: string,
  isFirst: boolean,
): { component: string | undefined; length: number; fields: [string, string][] } | undefined {
  const code = text.charCodeAt(0);
  if (code === 45) {
    const found = OF_SPRING.exec(text);
    return found
      ? { component: found[2]!, length: found[0].length, fields: [['thread', found[1]!.trim()]] }
      : undefined;
  }
  if (code === 40) {
    const found = OF_PINO.exec(text);
    return found ? { component: found[1], length: found[0].length, fields: [['process', found[2]!]] } : undefined;
  }
  if (code >= 65 && code <= 90 && text.includes(']')) {
    const found = OF_DOTNET.exec(text);
    if (found) return { component: found[1]!, length: found[0] === text ? 0 : found[0].length, fields: [] };
  }
  const found = isFirst ? OF_PYTHON.exec(line) : null;
  if (!found || !text.startsWith(`${found[1]}:`)) return undefined;
  return { component: found[1]!, length: found[1]!.length + 1, fields: [] };
}

/** The severity by what is around a time: the level in front of it, or behind it, or in a column. */
function severityAround(head: string, { from, to }: TimeStamp): Severity | null {
  const before = head.slice(0, from);
  const after = head.slice(to);
  const between = (AFTER_TIME.exec(after.slice(0, MOST_ZONE)) ?? BEFORE_TIME.exec(before.slice(-MOST_LEAD)))?.[1];
  if (between !== undefined) {
    for (const column of head.split(between, MOST_COLUMNS)) {
      const cell = between === '|' ? column.trim() : column.replace(/^"(.*)"$/, '$1');
      const found = /^\D{3,16}$/.test(cell) ? severityOf(cell) : null;
      if (found !== null) return found;
    }
  }
  const alone = before.length <= MOST_THREAD ? before.replaceAll(AROUND, '') : '';
  const level = isDigit(alone.charCodeAt(0)) ? null : (severityOf(alone) ?? severityOfLetter(alone) ?? null); // no number
  if (level !== null) return level;
  const next = after.slice(0, MOST_THREAD).replace(/^(?: [A-Z]{2,5}(?=[\])>]))?[\])>\s]+/, '');
  const websphere = after.includes('] ') ? OF_WEBSPHERE.exec(after) : null;
  if (websphere) return WEBSPHERE[websphere[1]!] ?? 'debug';
  return levelAt(next, /^\W*$/.test(before))?.severity ?? levelInColumns(after);
}

function ofRuby(line: string, { time }: TimeStamp, [head, process, level, program]: RegExpExecArray): LineParts {
  const message = line.slice(head.length).trim();
  const severity = severityOf(level!) ?? (level === 'ANY' ? null : (severityOfLetter(line[0]!) ?? null));
  const status = BELOW_WARNING.has(severity) ? statusIn(message) : undefined;
  return {
    line,
    format: 'plain',
    time,
    severity: status === undefined ? severity : severityOfStatus(status, severity),
    component: program!.trim(),
    message,
    fields: [['thread', process!]],
  };
}

function ofRedis(line: string, { time, from, to }: TimeStamp, severity: Severity): LineParts {
  const fields = [['process', line.slice(0, from - 1)]] as const;
  return { line, format: 'plain', time, severity, component: '', message: line.slice(to + 2).trim(), fields };
}

function ofKlog(line: string, { time }: TimeStamp, [head, letter, thread, file, row]: RegExpExecArray): LineParts {
  return {
    line,
    format: 'plain',
    time,
    severity: severityOfLetter(letter!)!,
    component: file!,
    message: line.slice(head.length).trim(),
    fields: [
      ['thread', thread!],
      ['line', row!],
    ],
  };
}

function ofPostgres(line: string, { time, to }: TimeStamp, [head, process, level]: RegExpExecArray): LineParts {
  return {
    line,
    format: 'plain',
    time,
    severity: level === undefined ? null : severityOf(level),
    component: '',
    message: line.slice(to + head.length).trim(),
    fields: process === undefined ? [] : [['thread', process]],
  };
}

/** Where the bracket closes that a text begins with, or −1. */
function closing(text: string): number {
  let depth = 0;
  for (let i = 0; i < Math.min(text.length, MOST_THREAD); i++) {
    if (text[i] === '[') depth += 1;
    else if (text[i] === ']' && --depth === 0) return i;
  }
  return -1;
}
