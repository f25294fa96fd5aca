import { namedDate } from './timesIn.js';
import { unitOf } from './unitOf.js';

/** What the first variable part of a token looks like; `word` where nothing in it is masked. */
export type ParameterKind = 'number' | 'hex' | 'address' | 'uuid' | 'path' | 'time' | 'word';

/** A token with a wildcard in place of its variable parts. */
export interface MaskedToken {
  /** Such as `blk_<*>`; the token itself where it has none. */
  readonly text: string;
  readonly kind: ParameterKind;
}

/** The wildcard of templates. */
export const WILDCARD = '<*>';

// Each alternative is linear in the token: no two of its loops can read the same character.
const VARIABLE = /* @__PURE__ */ variable();

function variable(): RegExp {
  const sources = [
    String.raw`((?<![\da-f])[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?![\da-f]))`,
    [
      String.raw`((?<![\w.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\w|\.\d)(?::\d{1,5}(?![\d.:]))?`,
      String.raw`(?<![\w:])(?:[\da-f]{1,4}:){3,7}[\da-f]{1,4}(?![\w:])`,
      String.raw`(?<![\w:])(?:[\da-f]{1,4}:){1,6}:(?:[\da-f]{1,4}(?::[\da-f]{1,4}){0,5})?(?![\w:])`,
      String.raw`(?<![\w:])(?:[\da-f]{2}-){5}[\da-f]{2}(?![\w-]))`,
    ].join('|'),
    [
      String.raw`((?<!\w)\d{4}-\d\d-\d\d(?:[T_]?\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?(?!\w)`,
      String.raw`(?<![\w:])\d{1,2}:\d\d(?::\d\d(?:[.,:]\d{1,9})?)?(?![\w:])`,
      namedDate(),
      String.raw`(?<![\w/])\d{1,4}/\d{1,2}/\d{1,4}(?![\w/]))`,
    ].join('|'),
    String.raw`((?<![\da-z])0x[\da-f]+|(?<![a-z\d])[a-f]*\d[\da-f]{5,}(?![\da-z]))`,
    String.raw`((?:(?<![a-z\d)\]])[+-])?\d+(?:[.,'’\u00a0\u202f]\d+)*(?:e[+-]\d{1,3}(?![a-z\d]))?)`,
  ];
  return new RegExp(sources.join('|'), 'gi');
}

const KINDS = ['uuid', 'address', 'time', 'hex', 'number'] as const;

/** A path of two components or more, which may hold wildcards. */
const PATH = /(^|["'(=[<,:])(?:\/[\w.\-~%+@$]+|\/[\w.\-~%+@$]*<\*>[\w.\-~%+@$<>*]*){2,}\/?/;
const PAIR = /^([\p{L}_][\p{L}\w.-]*=)[^<>\s"'[({]+$/u;
const NAME_OF_TIME = /^[([]?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[,)\]]?$/;
const MOST_NAME = 6; // characters
const WILDCARDS = /<\*>(?:[.:,\-_]?<\*>)+/g;
const UNIT = /<\*>([A-Za-zµμ]{1,12})(?![A-Za-z\d_])/g;
const WORD: ParameterKind = 'word';

/**
 * Masks the variable parts of a token without white space: UUIDs, addresses, times, hexadecimal and other numbers, paths,
 * and the value of `name=value`.
 */
export function maskToken(token: string): MaskedToken {
  let kind: ParameterKind = WORD;
  let text = token;
  const { digit, slash, equals } = charactersOf(token);
  if (digit) {
    if (digit === token.length) return NUMBER;
    text = '';
    let end = 0;
    VARIABLE.lastIndex = 0;
    for (let found = VARIABLE.exec(token); found; found = VARIABLE.exec(token)) {
      if (kind === WORD) kind = kindOf(found);
      text += token.slice(end, found.index) + WILDCARD;
      end = found.index + found[0].length;
    }
    text += token.slice(end);
    if (kind === 'number' && text !== WILDCARD) text = text.replace(UNIT, withoutUnit);
    text = text.replace(WILDCARDS, WILDCARD);
  } else if (token.length <= MOST_NAME && isBeginOfName(token.charCodeAt(0)) && NAME_OF_TIME.test(token)) return TIME;
  if (slash > 1) {
    const short = text.replace(PATH, `$1${WILDCARD}`);
    if (short !== text) return { text: short, kind: 'path' };
  }
  if (equals && kind === WORD) text = text.replace(PAIR, `$1${WILDCARD}`);
  return { text, kind };
}

/** Units that programs choose by the size of a number vary with it. */
function withoutUnit(written: string, unit: string): string {
  return unitOf(unit).varies ? WILDCARD : written;
}

const NUMBER: MaskedToken = /* @__PURE__ */ Object.freeze({ text: WILDCARD, kind: 'number' });
const TIME: MaskedToken = /* @__PURE__ */ Object.freeze({ text: WILDCARD, kind: 'time' });

function kindOf(found: RegExpExecArray): ParameterKind {
  for (let i = 0; i < KINDS.length - 1; i++) {
    if (found[i + 1] === undefined) continue;
    return KINDS[i] === 'hex' && !/\D/.test(found[0]) ? 'number' : KINDS[i]!;
  }
  return 'number';
}

/** A capital of ASCII, or a bracket. */
function isBeginOfName(code: number): boolean {
  return (code >= 65 && code <= 91) || code === 40;
}

/** How many digits and slashes a token has, and whether it has `=`. */
function charactersOf(token: string): { digit: number; slash: number; equals: boolean } {
  let digit = 0;
  let slash = 0;
  let equals = false;
  for (let i = 0; i < token.length; i++) {
    const code = token.charCodeAt(i);
    if (code >= 48 && code <= 57) digit += 1;
    else if (code === 47) slash += 1;
    else if (code === 61) equals = true;
  }
  return { digit, slash, equals };
}
