import { levelAt } from './levelAt.js';
import { levelInColumns } from './levelInColumns.js';
import type { LineParts, Severity } from './logRecord.js';
import { severityOf } from './severityOf.js';
import { type ChooseTime, type TimeStamp, timeStamp } from './timeStamp.js';

const MOST_THREAD = 96;
const MOST_PREFIX = 600; // characters between the time and the level
const MOST_HEAD = 4096; // characters before the message: an expression keeps a place for each one that it repeats
const PIPED = /^([A-Za-z][\w.]*)\|(?:\d+\|)?/;
const COMPONENT = /^([A-Za-z][\w.$/-]*(?:::\w+)*)(?:\(([\w-]+)\))?(?:\[[\w-]+\])?:(?=\s|$)/;
/** The logger of Log4j and Logback, in front of a dash. */
const LOGGER = /^([A-Za-z_][\w$]*(?:\.[\w$]+)+) +-(?= )/;
/** The logger of Python in front of a level: `name - ERROR - `, `[name] [ERROR]`, and the like, and one with dots. */
const LOGGER_BEFORE =
  /^(?:\[([A-Za-z_][\w.]*)\](?: +- +| +)(?=\[)|([A-Za-z_][\w.]*) +[-|] +)(?=\[?([A-Z\u00c0-\u00de\u0401-\u042f]{3,14}) *(?:\]| [-|:]))|^(root|[A-Za-z_][\w-]*(?:\.[\w-]+)+) +(?=([A-Z]{3,14})[ :])/;
const SKIPPED = /^(?:\d+|[-|:])(?=[\s|]|$)[\s|,]*|^[\s|,]+/;
/** Of PostgreSQL: what `log_line_prefix` has behind the time, a process among it, and the level in front of two spaces. */
const OF_POSTGRES =
  /^(?:[^"']{0,300}?\[(\d{1,10})[\]-][^"']{0,200}?|(?: [A-Z]{3,5})? )(?<![\w\u00c0-\u04ff])(?:(?=(?:DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION|BACKTRACE): {2})|([A-Z\u00c0-\u00de\u0401-\u042f]{3,14})\d?: {2})/;
/** The levels of Android and klog. */
const LETTERS: Readonly<Record<string, Severity>> = {
  V: 'trace',
  D: 'debug',
  I: 'info',
  W: 'warn',
  E: 'error',
  F: 'critical',
};

/** The level, time, thread and place in the code of klog and glog. */
const OF_KLOG = /^([IWEF])(?:\d{4})?\d{4} \d\d:\d\d:\d\d\.\d{6} {1,16}(\d{1,20}) ([\w.-]{1,255}):(\d{1,9})\] ?/;

/** The process and its role in front of the time of Redis, and the sign of its level behind it. */
const OF_REDIS = /^(?:\d{1,10}:[XCSM] |\[\d{1,10}\] )(?=\d\d [A-Z][a-z]{2} )/;
/** The process, level and program of Ruby's logger, and its time. */
const OF_RUBY = /^[DIWEFA], \[[^\]#]{10,40}#(\d{1,10})\] {1,2}([A-Z]{3,7}) -- ([^:]{0,100}): ?/;
/** The priority that systemd takes off lines, and syslog without more of a header. */
const PRIORITY = /^<(\d{1,3})>(?!<)/;
/** The level of MongoDB before version 4.4, and its component in columns. */
const OF_MONGO = /^([DIWEF])\d? +(?=[A-Z_-]{2,16} +\[)/;
/** What may be around a level that is all that a line has before its time. */
const AROUND = /^[\s[\]()<>【】:,;|"-]+|[\s[\]()<>【】:,;|"-]+$/g;
/** What ends a column where a time is one. */
const AFTER_TIME = /^["\])]? ?([,;|\t])/;
const BEFORE_TIME = /([,;|\t]) ?["[(]?$/;
const MOST_COLUMNS = 9;
const SIGNS: Readonly<Record<string, Severity>> = { '.': 'debug', '-': 'info', '*': 'notice', '#': 'warn' };

/** Reads a line without a form of its own: takes the time, the severity, threads in brackets and the logger off its front. */
export function readPlain(line: string, choose?: ChooseTime): LineParts {
  const priority = PRIORITY.exec(line);
  if (priority) {
    const inner = readPlain(line.slice(priority[0].length), choose);
    return { ...inner, line, severity: severityOf(Number(priority[1]) % 8) };
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
  let rest = head;
  let isOpen = false; // a bracket with the time and more
  let severity: LineParts['severity'] = null;
  if (stamp && atFront) {
    const after = head.slice(stamp.to);
    const closed = /^[[(<]/.test(head) ? /^(?: ([A-Z]{2,5}))?[\])>]/.exec(after) : null;
    rest = closed && severityOf(closed[1] ?? '') === null ? after.slice(closed[0].length) : after;
    isOpen = rest === after && head.startsWith('[');
  } else if (stamp) rest = `${head.slice(0, stamp.from)}${head.slice(stamp.to)}`;
  const header = atFront || !stamp;
  const fields: [string, string][] = [];
  let logger: string | undefined;
  for (let i = 0; i < 8; i++) {
    const skipped = SKIPPED.exec(rest);
    if (skipped && (atFront || /^\s/.test(rest))) {
      rest = rest.slice(skipped[0].length);
      continue;
    }
    const named = atFront && severity === null ? LOGGER_BEFORE.exec(rest) : null;
    if (named && severityOf(named[3] ?? named[5]!) !== null) {
      logger = named[1] ?? named[2] ?? named[4];
      rest = rest.slice(named[0].length);
    }
    if (severity === null) {
      const level = levelAt(rest, header) ?? (atFront ? letterAt(rest) : undefined);
      if (level) {
        severity = level.severity;
        if (level.component !== '') logger ??= level.component;
        rest = rest.slice(level.length + (isOpen && rest[level.length] === ']' ? 1 : 0));
        if (level.length === 0) break;
        continue;
      }
    }
    if (header && rest.startsWith('[')) {
      const end = closing(rest);
      const behind = rest.slice(end + 1).trimStart();
      if (end > 0 && behind !== '' && (atFront || (severity === null && levelAt(behind, true)))) {
        fields.push(['thread', rest.slice(1, end)]);
        rest = rest.slice(end + 1);
        continue;
      }
    }
    break;
  }
  if (stamp && severity === null) severity = severityAround(head, stamp);
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

/** A level of one letter, as of Android and MongoDB. */
function letterAt(text: string): { severity: Severity; component: string; length: number } | undefined {
  if (!/^[VDIWEF]\d? /.test(text)) return undefined;
  const length = OF_MONGO.exec(text)?.[0].length ?? (/^. [\w.]+(?: *\(\s*\d+\))?:/.test(text) ? 1 : 0);
  return length === 0 ? undefined : { severity: LETTERS[text[0]!]!, component: '', length };
}

/** The severity by what is around a time: the level in front of it, or behind it, or in a column. */
function severityAround(head: string, { from, to }: TimeStamp): Severity | null {
  const before = head.slice(0, from);
  const after = head.slice(to);
  const between = (AFTER_TIME.exec(after.slice(0, 3)) ?? BEFORE_TIME.exec(before.slice(-3)))?.[1];
  if (between !== undefined) {
    for (const column of head.split(between, MOST_COLUMNS)) {
      const cell = between === '|' ? column.trim() : column.replace(/^"(.*)"$/, '$1');
      const found = /^\D{3,16}$/.test(cell) ? severityOf(cell) : null;
      if (found !== null) return found;
    }
  }
  const alone = before.length <= MOST_THREAD ? before.replaceAll(AROUND, '') : '';
  const level = severityOf(alone) ?? LETTERS[alone] ?? null;
  if (level !== null) return level;
  const next = after.slice(0, MOST_THREAD).replace(/^(?: [A-Z]{2,5}(?=[\])>]))?[\])>\s]+/, '');
  return levelAt(next, /^\W*$/.test(before))?.severity ?? levelInColumns(after);
}

function ofRuby(line: string, { time }: TimeStamp, [head, process, level, program]: RegExpExecArray): LineParts {
  return {
    line,
    format: 'plain',
    time,
    severity: severityOf(level!) ?? (level === 'ANY' ? null : (LETTERS[line[0]!] ?? null)),
    component: program!.trim(),
    message: line.slice(head.length).trim(),
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
