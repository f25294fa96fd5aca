import type { Severity } from './logRecord.js';
import { severityOf } from './severityOf.js';

/** A level in the header of a line. */
interface Level {
  readonly severity: Severity;
  /** The module that is named with it; an empty text without one. */
  readonly component: string;
  /** Characters that it takes, its delimiters among them. */
  readonly length: number;
}

const LETTER = 'A-Za-z\\u00c0-\\u024f\\u0400-\\u04ff\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7a3';
const WORD = /* @__PURE__ */ new RegExp(`^[${LETTER}]{2,16}(?![\\w${LETTER}])`);
const IN_BRACKETS = /* @__PURE__ */ new RegExp(
  `^[[<(【［（]\\s*(?:([\\w.# -]{0,64})[:/])?([${LETTER}]{2,16})\\s*[\\]>)】］）]:?`,
);
/** As programs write them that write no level in capitals: in front of a delimiter, unlike `Fatal flaws of the list`. */
const CAPITALIZED = /^(?:Info|Warn|Warning|Fatal)$/;
/** Levels that are as often words of a message: in capitals they need a delimiter, and in front of a colon they are its topic. */
const ORDINARY = new Set(['log', 'note', 'attention', 'success', 'avis', 'failed', 'failure']);
const DELIMITER = /^(?:[:：,;|\t]| {2}| ?\[|$)/;
/** Of these, what is not as often a sign of a sentence; and a dash. */
const DELIMITED = /^(?:[:：|\t]|[,;](?! )| {2}| ?\[| [-–—|] |$)/;
const COLON = /^(?:: |:$|：)/;
const COLUMN = /^(?:[,;](?! )|[|\t]| {2})/;
const FACILITY =
  /^(?:kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|security|console|local[0-7])\.([a-z]{3,7})(?= |$)/;
/** What programs write in lower case behind their name, as git, postfix, sshd and BIND do. */
const BEHIND_TAG =
  /^(?:([a-z][\w-]{1,32}): )?(debug|info|notice|warn|warning|err|error|Error|Warning|Fatal|Panic|crit|critical|fatal)(?: \d)?:(?: |$)/;
/** The channel of Monolog in front of its level. */
const CHANNEL = /^([\w-]{1,64})\.([A-Z]{4,9}):(?: |$)/;
const OF_ERLANG = /^=([A-Z]{4,16}) REPORT====/;
const REPORTS: Readonly<Record<string, Severity>> = { CRASH: 'error', SUPERVISOR: 'error' };
const OF_PHP = /^PHP ((?:Fatal|Parse|Recoverable fatal) error|Warning|Notice|Deprecated):/;
const PHP: Readonly<Record<string, Severity>> = {
  'Fatal error': 'critical',
  'Parse error': 'critical',
  'Recoverable fatal error': 'error',
  Warning: 'warn',
  Notice: 'notice',
  Deprecated: 'notice',
};
/** The facility, level and name of a message of network devices. */
const OF_DEVICE = /^%[A-Z][A-Z0-9_-]{0,63}-([0-7])-[A-Z0-9_]{1,64}:/;

/**
 * The level that a part of a header is, by its delimiters: a word in square brackets, also behind the name of a module, or in
 * capitals; at the beginning of the line or behind its time (`header`) also in other brackets, of any case in front of a colon or
 * of the end of a column, and the facility and level of syslog; behind the name of a program (`tag`) also in lower case in front
 * of a colon; in a message that a library has put in a field of its own (`message`) in capitals only in front of a delimiter.
 * Undefined for another text: in the middle of a message such a word says nothing, as in `no error found`.
 */
export function levelAt(text: string, header: boolean | 'tag' | 'message'): Level | undefined {
  const code = text.charCodeAt(0);
  if (code === PERCENT) {
    const found = OF_DEVICE.exec(text);
    return found ? { severity: severityOf(found[1]!)!, component: '', length: 0 } : undefined;
  }
  if (code === EQUALS) {
    const found = OF_ERLANG.exec(text);
    return found
      ? { severity: severityOf(found[1]!) ?? REPORTS[found[1]!] ?? 'info', component: '', length: 0 }
      : undefined;
  }
  if (code === CAPITAL_P) {
    const found = OF_PHP.exec(text);
    if (found) return { severity: PHP[found[1]!]!, component: '', length: 0 };
  }
  const isHeader = header === true || header === 'tag';
  const bracketed = code === SQUARE || (isHeader && isOpening(code)) ? IN_BRACKETS.exec(text) : null;
  if (bracketed) return levelOf(bracketed[2]!, bracketed[0].length, bracketed[1]);
  if (header === 'tag' && code >= 97 && code <= 122) return behindTag(text);
  const word = WORD.exec(text)?.[0];
  if (word === undefined) return undefined;
  const rest = text.slice(word.length, word.length + 3);
  if (rest.startsWith('.') && isHeader) {
    const found = FACILITY.exec(text);
    if (found) return levelOf(found[1]!, found[0].length);
    const channel = CHANNEL.exec(text);
    if (channel) return levelOf(channel[2]!, channel[0].length, channel[1]);
  }
  const lower = word.toLowerCase();
  const isOrdinary = ORDINARY.has(lower);
  const isInCapitals = isCapital(word, lower);
  if (isInCapitals || CAPITALIZED.test(word)) {
    if ((!isInCapitals || header === 'message') && !DELIMITED.test(rest)) return undefined;
    if ((isOrdinary || lower === 'fail') && !DELIMITER.test(rest)) return undefined;
    return levelOf(word, word.length + (/^[:：]/.test(rest) ? 1 : 0));
  }
  if (!isHeader) return undefined;
  if (header === 'tag') return behindTag(text);
  if (COLON.test(rest)) {
    if (isOrdinary || lower === 'fine' || lower === 'panic') return undefined; // a panic of Go is a trace
    return levelOf(word, word === 'Error' ? 0 : word.length + 1); // `Error: ` names what was thrown
  }
  return COLUMN.test(rest) ? levelOf(word, word.length) : undefined;
}

const EQUALS = 61;
const CAPITAL_P = 80;
const PERCENT = 37;
const SQUARE = 91;

function behindTag(text: string): Level | undefined {
  const found = BEHIND_TAG.exec(text);
  return found ? levelOf(found[2]!, found[2] === 'Error' ? 0 : found[0].length, found[1]) : undefined;
}

function levelOf(word: string, length: number, component = ''): Level | undefined {
  const severity = severityOf(word);
  return severity === null ? undefined : { severity, component, length };
}

function isOpening(code: number): boolean {
  return code === 60 || code === 40 || code === 0x3010 || code === 0xff3b || code === 0xff08;
}

/** Whether a word is in capitals; words of scripts without them are not. */
function isCapital(word: string, lower: string): boolean {
  return word !== lower && word === word.toUpperCase();
}
