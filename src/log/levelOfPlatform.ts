import type { Severity } from './logRecord.js';
import { severityOf } from './severityOf.js';
import { severityOfLetter } from './severityOfLetter.js';

/** A level as a platform writes it. */
interface PlatformLevel {
  readonly severity: Severity;
  readonly component: string;
  /** Characters that it takes. */
  readonly length: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Letters that are levels of Android and etcd alone. */
const MORE_LETTERS: Readonly<Record<string, Severity>> = {
  A: 'critical',
  C: 'critical',
  N: 'notice',
  T: 'trace',
};
/** The level of MongoDB before version 4.4, and its component in columns. */
const OF_MONGO = /^[DIWEF]\d? +(?=[A-Z_-]{2,16} +\[)/;
/**
 * Android: level and tag, with the process in parentheses. Behind a slash a tag without one has no spaces and more than one
 * letter, unlike `I/O error:` and `A/B:`.
 */
const OF_ANDROID =
  /^[VDIWEFA](?: ([\w.$-]{1,64})( *)|\/(?:([^(:]{1,64})(?=\()|([\w.$-]{2,64}) *(?=:)))(?:\( {0,8}(\d{1,10})\))?:(?: |$)/;
/** Letters that are words as well, or in front of a slash: of these a tag alone is not enough. */
const LIKE_WORDS = /^(?:[AI] |A\/)/;
const PROCESS_AND_THREAD = 2; // columns of numbers
/** etcd before version 3.4. */
const OF_ETCD = /^[CEWNIDT] \| (?=[\w/-]{1,64}: )/;
/** The log of macOS: its type between hexadecimal numbers, the process, and in short a letter in front of it. */
const OF_MACOS =
  /^0x[\da-f]{1,16} +(Default|Info|Debug|Error|Fault|Activity|State) +0x[\da-f]{1,16} +(\d{1,10}) +\d{1,6} +([^:]{1,128}): /;
const TYPES: Readonly<Record<string, Severity>> = {
  Default: 'notice',
  Info: 'info',
  Debug: 'debug',
  Error: 'error',
  Fault: 'critical',
  Df: 'notice',
  Db: 'debug',
  E: 'error',
  F: 'critical',
  I: 'info',
};
const SHORT_OF_MACOS = /^(Df|Db|[AEFI]) {1,2}([\w. -]{1,64})\[(\d{1,10}):[\da-f]{1,16}\] /;
/** ESXi and vCenter: a level in front of a process with its number, in words or as syslog's priority. */
const OF_VMWARE = /* @__PURE__ */ ofVmware();
/** Swift: a level in front of a logger, behind a time with a zone of four digits. */
const OF_SWIFT = /^(trace|debug|info|notice|warning|error|critical) (?=[\w.-]{1,64} : )/;
const TIME_OF_SWIFT = /T\d\d:\d\d:\d\d[+-]\d{4}$/;

function ofVmware(): RegExp {
  const words = 'verbose|trivia|debug|info|notice|warning|error|critical|alert|emergency|panic';
  const behindWord = String.raw`[\w.-]{1,64}\[(?:\d{1,16}\]:|[\da-fA-F]{1,16}\] \[(?:\w{1,32}@\d|sub=))`;
  const behindPriority = String.raw`[\w.-]{1,64}(?:\[\w{1,16}\])?:`;
  return new RegExp(
    String.raw`^(?:(${words})(?= ${behindWord})|(?:Em|Al|Cr|Er|Wa|No|In|Db)\((\d{1,3})\)(?= ${behindPriority})) `,
  );
}

/**
 * The level at the beginning of a text, as Android, macOS, MongoDB, ESXi or Swift write it; undefined for any other. `time` is
 * the time stamp in front of it, an empty text without one, and `numbers` how many columns of numbers are between them: what is
 * as well a word of a message counts only behind those.
 */
export function levelOfPlatform(text: string, time: string, numbers: number): PlatformLevel | undefined {
  const code = text.charCodeAt(0);
  if (code < ZERO || code > LAST) return undefined;
  if (code === ZERO) return text.startsWith('0x') ? ofMacos(OF_MACOS.exec(text)) : undefined;
  const next = text.charCodeAt(1);
  if (code < SMALL_A && (next === SPACE || next === SLASH || (next >= ZERO && next <= NINE))) {
    const letter = (time === '' ? null : OF_MONGO.exec(text)) ?? OF_ETCD.exec(text);
    if (letter) return { severity: levelOfLetter(text), component: '', length: letter[0].length, fields: [] };
    const found = OF_ANDROID.exec(text);
    if (found) return ofAndroid(found, time, numbers);
  }
  if (time === '') return undefined;
  if (code < SMALL_A && (next === SPACE || next === SMALL_B || next === SMALL_F)) {
    const found = SHORT_OF_MACOS.exec(text);
    if (found) return ofShort(found);
  }
  const found = OF_VMWARE.exec(text) ?? ofSwift(OF_SWIFT.exec(text), time);
  if (!found) return undefined;
  const severity = found[1] === undefined ? severityOf(Number(found[2]) % 8) : severityOf(found[1]);
  return { severity: severity ?? 'trace', component: '', length: found[0].length, fields: [] };
}

function ofSwift(found: RegExpExecArray | null, time: string): RegExpExecArray | null {
  return found && TIME_OF_SWIFT.test(time) ? found : null;
}

const SPACE = 32;
const SLASH = 47;
const ZERO = 48;
const NINE = 57;
const SMALL_A = 97;
const SMALL_B = 98;
const SMALL_F = 102;
const LAST = 119; // w

function ofMacos(found: RegExpExecArray | null): PlatformLevel | undefined {
  if (!found) return undefined;
  const [head, type, process, component] = found;
  return {
    severity: TYPES[type!] ?? 'trace',
    component: component!,
    length: head.length,
    fields: [['process', process!]],
  };
}

function ofShort([head, type, component, process]: RegExpExecArray): PlatformLevel {
  return {
    severity: TYPES[type!] ?? 'trace',
    component: component!,
    length: head.length,
    fields: [['process', process!]],
  };
}

function ofAndroid(
  [head, tag, padding = '', named, brief, process]: RegExpExecArray,
  time: string,
  numbers: number,
): PlatformLevel | undefined {
  const isColumn = process !== undefined || numbers >= PROCESS_AND_THREAD || padding !== '';
  if (!isColumn && (LIKE_WORDS.test(head) || (tag !== undefined && time === ''))) return undefined;
  const fields = process === undefined ? [] : ([['process', process]] as const);
  return { severity: levelOfLetter(head), component: (tag ?? named ?? brief)!.trim(), length: head.length, fields };
}

function levelOfLetter(text: string): Severity {
  return severityOfLetter(text[0]!) ?? MORE_LETTERS[text[0]!]!;
}
