import type { LineParts, Severity } from './logRecord.js';
import { severityOf } from './severityOf.js';
import { type TimeStamp, timeStamp } from './timeStamp.js';

const MOST_THREAD = 96;
const MOST_PREFIX = 600; // characters between the time and the level
const MOST_HEAD = 4096; // characters before the message: an expression keeps a place for each one that it repeats
/** What may stand between the time and the message. */
const LEVEL =
  /^(?:TRACE|FINEST|FINER|VERBOSE|FINE|DEBUG|INFO|Info|NOTICE|WARN|Warn|WARNING|Warning|ERROR|Error|ERR|SEVERE|CRIT|CRITICAL|FATAL|Fatal|ALERT|EMERG|PANIC)\b:?/;
/** As winston writes them. */
const LOWER_LEVEL = /^(?:error|warn|info|verbose|debug): /;
const LEVEL_IN_BRACKETS = /^\[\s*([A-Za-z]+)\s*\]/;
const PIPED = /^([A-Za-z][\w.]*)\|(?:\d+\|)?/;
const COMPONENT = /^([A-Za-z][\w.$/-]*(?:::\w+)*)(?:\(([\w-]+)\))?(?:\[[\w-]+\])?:(?=\s|$)/;
/** The logger of Log4j and Logback, in front of a dash. */
const LOGGER = /^([A-Za-z_][\w$]*(?:\.[\w$]+)+) +-(?= )/;
/** The logger of Python in front of a level: `name - ERROR - `, `[name] [ERROR]`, and the like. */
const LOGGER_BEFORE =
  /^(?:\[([A-Za-z_][\w.]*)\](?: +- +| +)(?=\[)|([A-Za-z_][\w.]*) +[-|] +)(?=\[?(?:DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL) *(?:\]| [-|:]))/;
const SKIPPED = /^(?:\d+|[-|:])(?=[\s|]|$)[\s|,]*|^[\s|,]+/;
/** Of PostgreSQL: what `log_line_prefix` has behind the time, a process among it, and the level in front of two spaces. */
const OF_POSTGRES =
  /^(?:[^"']{0,300}?\[(\d{1,10})[\]-][^"']{0,200}?|(?: [A-Z]{3,5})? )\b(?:(DEBUG|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC)\d?: {2}|(?=(?:DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION|BACKTRACE): {2}))/;
/** The levels of Android and klog. */
const LETTERS: Readonly<Record<string, Severity>> = {
  V: 'trace',
  D: 'debug',
  I: 'info',
  W: 'warn',
  E: 'error',
  F: 'critical',
};

/** The level, time, thread and place in the code of klog. */
const OF_KLOG = /^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d{6} {1,16}(\d{1,20}) ([\w.-]{1,255}):(\d{1,9})\] ?/;

/** The process and its role in front of the time of Redis, and the sign of its level behind it. */
const OF_REDIS = /^(?:\d{1,10}:[XCSM] |\[\d{1,10}\] )(?=\d\d [A-Z][a-z]{2} )/;
const SIGNS: Readonly<Record<string, Severity>> = { '.': 'debug', '-': 'info', '*': 'notice', '#': 'warn' };

/** Reads a line without a form of its own: takes the time, the severity, threads in brackets and the logger off its front. */
export function readPlain(line: string): LineParts {
  const stamp = timeStamp(line);
  const redis = stamp && OF_REDIS.exec(line)?.[0].length === stamp.from ? SIGNS[line[stamp.to + 1] ?? ''] : undefined;
  if (redis) return ofRedis(line, stamp!, redis);
  const klog = OF_KLOG.exec(line);
  if (stamp && klog) return ofKlog(line, stamp, klog);
  const atFront = stamp !== undefined && stamp.from <= 2;
  const postgres =
    atFront && line.includes(':  ') ? OF_POSTGRES.exec(line.slice(stamp.to, stamp.to + MOST_PREFIX)) : null;
  if (postgres) return ofPostgres(line, stamp!, postgres);
  const head = line.length > MOST_HEAD ? line.slice(0, MOST_HEAD) : line;
  let rest = head;
  if (stamp && atFront) {
    const opened = /^[[(<]/.test(head) && /^[\])>]/.test(head.slice(stamp.to));
    rest = head.slice(stamp.to + (opened ? 1 : 0));
  } else if (stamp) rest = `${head.slice(0, stamp.from)}${head.slice(stamp.to)}`;
  let severity: LineParts['severity'] = null;
  const fields: [string, string][] = [];
  let logger: string | undefined;
  for (let i = 0; i < 8; i++) {
    const skipped = SKIPPED.exec(rest);
    if (skipped && (atFront || /^\s/.test(rest))) {
      rest = rest.slice(skipped[0].length);
      continue;
    }
    const named = atFront && severity === null ? LOGGER_BEFORE.exec(rest) : null;
    if (named) {
      logger = named[1] ?? named[2];
      rest = rest.slice(named[0].length);
    }
    if (severity === null) {
      const level = LEVEL.exec(rest) ?? (atFront || !stamp ? LOWER_LEVEL.exec(rest) : null);
      const bracketed = level ? null : LEVEL_IN_BRACKETS.exec(rest);
      const name = level?.[0].replace(/:? ?$/, '') ?? bracketed?.[1];
      const letter = atFront && /^[VDIWEF] [\w.]+(?: *\(\s*\d+\))?:/.test(rest) ? LETTERS[rest[0]!]! : null;
      const found = name === undefined ? letter : severityOf(name);
      if (found !== null) {
        severity = found;
        rest = rest.slice((level ?? bracketed)?.[0].length ?? 1);
        continue;
      }
    }
    if (atFront && rest.startsWith('[')) {
      const end = closing(rest);
      if (end > 0 && rest.slice(end + 1).trim() !== '') {
        fields.push(['thread', rest.slice(1, end)]);
        rest = rest.slice(end + 1);
        continue;
      }
    }
    break;
  }
  const component =
    logger === undefined && (atFront || severity !== null)
      ? (PIPED.exec(rest) ?? COMPONENT.exec(rest) ?? (severity === null ? null : LOGGER.exec(rest)))
      : null;
  return {
    line,
    format: 'plain',
    time: stamp?.time ?? null,
    severity,
    component: component ? component[1]! : (logger ?? ''),
    message: `${component ? rest.slice(component[0].length) : rest}${line.slice(head.length)}`.trim(),
    fields,
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
    severity: LETTERS[letter!]!,
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
    severity: level === undefined ? null : level === 'LOG' ? 'info' : severityOf(level),
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
