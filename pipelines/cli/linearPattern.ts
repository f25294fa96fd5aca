// Regular expressions matched in time linear in the text: RE2's automata, in re2js. The engine's own RegExp tries one
// alternative after the other, and ^(a+)+$ takes it minutes on 42 letters.
import { RE2JS } from 're2js';
import { firstCharacters } from './firstCharacters.js';

/** What was matched: all of it, and the first group where it took part. */
export interface Found {
  readonly text: string;
  readonly group: string | undefined;
}

/** Limits that bound the time of one match: steps of an expression, characters of a text that are looked at, and their product. */
const MOST_STEPS = 1000;
export const MOST_CHARACTERS = 4096;
const MOST_WORK = 65_536; // about 8 ms where every step waits at every character, as of (.*a){20}$

/**
 * Compiles an expression in JavaScript's syntax with the flag `u`; the function that it returns finds the leftmost match
 * in the first 4,096 characters of a text, or in fewer where steps times characters would be above 65,536: in the first 636 for
 * `(.*a){20}$`, which has 103 steps. It is the match that RegExp finds. (In repetitions RE2 keeps the group of an earlier round
 * where RegExp forgets it, and enters what may be empty once: `x(a*)?` has the group "" in x.)
 *
 * A SyntaxError where RegExp has one, and for what takes more than linear time or many steps: lookahead, lookbehind,
 * backreferences, and expressions of more than 1,000 steps, such as `(?:a{100}){100}`.
 */
export function linearPattern(source: string): (text: string) => Found | undefined {
  const { source: valid } = new RegExp(source, 'u'); // throws where the syntax is wrong
  const pattern = compile(translate(valid));
  const hasGroup = pattern.groupCount() > 0;
  const most = Math.min(MOST_CHARACTERS, Math.floor(MOST_WORK / Math.max(1, pattern.programSize())));
  return (text) => {
    const matcher = pattern.matcher(start(text, most));
    if (!matcher.find()) return undefined;
    return { text: matcher.group(0)!, group: hasGroup ? (matcher.group(1) ?? undefined) : undefined };
  };
}

function compile(source: string): RE2JS {
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(source);
  } catch (error) {
    if (/repeat count|too large/.test((error as Error).message)) throw tooLong();
    throw new SyntaxError(`it is not supported: ${(error as Error).message}`, { cause: error });
  }
  if (pattern.programSize() > MOST_STEPS) throw tooLong();
  return pattern;
}

function tooLong(): SyntaxError {
  return new SyntaxError(`it has more than ${MOST_STEPS} steps`);
}

/** Parts of an expression that RegExp accepts: what begins a group, an escape, a class of nothing or all, anything else. */
const PART = new RegExp(
  [
    String.raw`\((?:\?(?:[:=!]|<[=!]|<[^>(]*>|[^)]))?`,
    String.raw`\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u\{[^}]*\}|u....|x..|c.|[pP]\{[^}]*\}|[1-9]\d*|k<[^>]*>|.)`,
    String.raw`\[\^?\]`,
    '[^]',
  ].join('|'),
  'gu',
);

/** Writes an expression of JavaScript in RE2's syntax, where they differ. */
function translate(source: string): string {
  let inClass = false;
  return source.replaceAll(PART, (part) => {
    if (part.startsWith('\\')) return escape(part, inClass);
    if (inClass) {
      if (part === ']') inClass = false;
      return part === '[' ? '\\[' : part; // RE2 has classes such as [:alpha:]
    }
    if (part === '[]') return String.raw`[^\x00-\x{10ffff}]`;
    if (part === '[^]') return '(?s:.)';
    if (part === '[') inClass = true;
    if (part === '.') return String.raw`[^\n\r\x{2028}\x{2029}]`;
    if (/^\(\?<(?![=!])/.test(part)) return '('; // nobody asks for its name
    if (part.startsWith('(?') && part !== '(?:') refuse(part);
    return part;
  });
}

const SPACES = String.raw`\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;

function escape(part: string, inClass: boolean): string {
  const [, kind] = part;
  if (/^\\[1-9k]/.test(part) && !inClass) refuse(part.slice(0, 2));
  if (part === String.raw`\s`) return inClass ? SPACES : `[${SPACES}]`;
  if (part === String.raw`\S`) {
    if (inClass) throw new SyntaxError(String.raw`\S is not supported inside […]`);
    return `[^${SPACES}]`;
  }
  if (part === String.raw`\b` && inClass) return String.raw`\x08`;
  if (/^[pP]$/.test(kind!)) return part.replace(/\{(?:\w+=)?/, '{');
  if (/^[uxc]$/.test(kind!) || part === String.raw`\0`) return characterOf(part);
  return part === '\\/' ? '/' : part;
}

/** Writes an escape of one character by its number. */
function characterOf(part: string): string {
  const [, pair] = /^\\u([dD][89abAB]..\\u[dD][c-fC-F]..)$/.exec(part) ?? [];
  if (part.startsWith('\\c')) return hex(part.charCodeAt(2) % 32);
  if (!pair) return hex(Number.parseInt(part.replaceAll(/[^\da-fA-F]/g, ''), 16));
  const [high, low] = pair.split('\\u').map((digits) => Number.parseInt(digits, 16));
  return hex(String.fromCharCode(high!, low!).codePointAt(0)!);
}

function hex(code: number): string {
  return `\\x{${code.toString(16)}}`;
}

function refuse(what: string): never {
  throw new SyntaxError(
    `${what} is not supported: what looks ahead, looks behind or refers back is not linear in the line`,
  );
}

function start(text: string, most: number): string {
  return text.length <= most ? text : firstCharacters(text, most).join('');
}
