import { isDigit } from './isDigit.js';
import { type Unit, unitOf } from './unitOf.js';

/** A number of a value, and what it counts. */
export interface WrittenNumber {
  /** As it is written, with its sign, and its unit where no space is between. */
  readonly text: string;
  /** In the unit as written; NaN for what a program prints where there is no finite number. */
  readonly number: number;
  /** The place value of its last digit, in the same unit; 1 for whole numbers. */
  readonly resolution: number;
  readonly unit: Unit;
  /** Up to 16 characters before it, back to the digits before: which of the value's numbers it is. */
  readonly before: string;
}

/** A number from its first digit on. */
interface Quantity extends Pick<WrittenNumber, 'number' | 'resolution' | 'unit'> {
  /** Where it ends, and where what is shown of it does. */
  readonly end: number;
  readonly shown: number;
}

const MOST_LENGTH = 128; // of a value
const MOST_NUMBERS = 16; // of a value
const MOST_BEFORE = 16;
const MOST_LEAD = 8;
const MOST_DIGITS = 32; // marks between them included
const MOST_WHOLE = 15; // digits that a number holds exactly
const DOT = 46;
const E = 101;
const GROUPED = /^(?:[1-9]\d{0,2}(?: \d{3})+|[1-9]\d?(?: \d\d)+ \d{3})$/; // by three digits, or as in India
const EXPONENT = /[eE](?:[+-]\d{1,3}|\d{1,3})(?![A-Za-z\d])/y;
/** What may be in front of the digits: signs, and a currency. */
const LEAD =
  /[+\-\u2212]?(?:(?:[A-Z]{0,2}\p{Sc}|\b(?:USD|EUR|GBP|JPY|CNY|INR|CHF|CAD|AUD|BRL|RUB|KRW)) ?)?[+\-\u2212]?\.?$/u;
const SYMBOLS = /[A-Za-z%‰°µμ\p{Sc}]{1,12}(?:\/[A-Za-z]{1,12})?|\/[A-Za-z]{1,12}/uy;
const LETTERS = /\p{L}{1,3}/uy;
const SPACED = /[ \u00a0]([A-Za-zµμ]{1,12}(?:\/[A-Za-z]{1,12})?)(?![\w=:])/y;
/** Units that are not shown with their number. */
const SHOWN_WITHOUT = /^(?:\s|\p{Script=Han}|\p{Script=Hangul}|\p{Script=Katakana}|\p{Script=Cyrillic})/u;
/** A further part of a duration such as `1h23m4.5s` or `2h 5m`. */
const PART = / ?(\d{1,9}(?:\.\d{1,9})?)([a-zµμ]{1,2})(?![A-Za-zµμ])/y;
const ISO_DURATION = /^["']?P(?=[T\d])(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?["']?$/; // prettier-ignore
const SPECIAL = /^((?:[\w.-]{0,64}[=:])?["'(<[{]{0,2})([+-]?(?:nan|inf|infinity)(?:[mnuµμ]?s|%)?)["')>\]},;.]{0,2}$/i;
const NO_NUMBERS: readonly never[] = [];
const NONE = /* @__PURE__ */ unitOf('');
const SECONDS = /* @__PURE__ */ unitOf('s');

/**
 * Finds the numbers of a value such as a token or a field: with sign, groups of digits, decimal mark, exponent, and a currency
 * or unit. Whether digits are a number is decided by the characters that touch them: those of identifiers, addresses, dates,
 * times of day and versions are joined to others by letters, `_`, `-`, `.` or `:`.
 *
 * Both `1,234.5` and `1.234,5` are read; a single mark in front of three digits is a comma of groups or a decimal point.
 * A duration of several units, `1h23m4.5s` or `PT1H23M`, is one number. Of a value the first 16 numbers count, and none where
 * it has more than 128 characters.
 */
export function numbersIn(value: string): readonly WrittenNumber[] {
  if (value.length > MOST_LENGTH) return NO_NUMBERS;
  let found: WrittenNumber[] | undefined;
  let from = 0; // behind the digits before, or the number with its unit
  let end = -1; // of the number before
  for (let i = 0; i < value.length; i++) {
    if (!isDigit(value.charCodeAt(i))) continue;
    const behind = mantissaEnd(value, i);
    const mantissa = value.slice(i, behind);
    if (mantissa.length === value.length && value.length <= MOST_WHOLE && isWhole(value)) {
      return [{ text: value, number: Number(value), resolution: 1, unit: NONE, before: '' }];
    }
    const lead = mayLead(value, i, from) ? LEAD.exec(value.slice(Math.max(from, i - MOST_LEAD), i))![0] : '';
    const start = i - lead.length;
    const written = lead.endsWith('.') ? `0.${mantissa}` : mantissa; // .5
    const quantity = beginsAt(value, start, end) ? quantityAt(value, written, behind) : undefined;
    if (quantity) {
      const { number, resolution, unit } = quantity;
      found ??= [];
      found.push({
        text: value.slice(start, quantity.shown),
        number: lead !== '' && /[-\u2212]/.test(lead) ? -number : number,
        resolution,
        unit,
        before: value.slice(Math.max(from, start - MOST_BEFORE), start),
      });
      if (found.length === MOST_NUMBERS) return found;
      end = quantity.end;
    }
    from = quantity?.end ?? behind;
    i = from - 1;
  }
  return found ?? ofWhole(value, from > 0);
}

/** Where digits end that begin at a place, and further ones behind single marks of decimals and groups. */
function mantissaEnd(value: string, place: number): number {
  for (let at = place; ;) {
    while (isDigit(value.charCodeAt(at))) at += 1;
    if (!isDigit(value.charCodeAt(at + 1)) || !isMark(value.charCodeAt(at))) return at;
    at += 1;
  }
}

/** Whether a code is one of `, . _ ' ’` or a space that does not break. */
function isMark(code: number): boolean {
  return (
    code === 44 || code === DOT || code === 95 || code === 39 || code === 0x2019 || code === 0xa0 || code === 0x202f
  );
}

/** Whether all of a text is digits. */
function isWhole(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isDigit(text.charCodeAt(i))) return false;
  return true;
}

/** Whether what is in front of a digit may be a sign or a currency: most often nothing is, or what separates. */
function mayLead(value: string, place: number, from: number): boolean {
  if (place === from) return false;
  const code = value.charCodeAt(place - 1);
  const isSign = code === 43 || code === 45 || code === DOT || code === 32 || code === 36; // + - . $
  return isSign || (code >= 65 && code <= 90) || code >= 128;
}

/** Whether a number may begin at a place: whether it is not joined to what is before it. */
function beginsAt(value: string, place: number, end: number): boolean {
  if (place <= 0) return true;
  const before = value.charCodeAt(place - 1);
  if (isOfWord(before) || before === 46 || before === 45 || before === 37) return false; // . - %
  const other = value.charCodeAt(place - 2);
  if (before === 58) return !isDigit(other); // a time of day, or a port
  return before !== 47 || place - 1 === end || !isOfWord(other); // of a path
}

/** Letters of ASCII, digits and `_`. */
function isOfWord(code: number): boolean {
  const lower = code | 32;
  return (lower >= 97 && lower <= 122) || isDigit(code) || code === 95;
}

/** Reads a number up to its end; undefined where it is joined to what is behind it. */
function quantityAt(value: string, mantissa: string, behind: number): Quantity | undefined {
  const decimal = mantissa.length <= MOST_DIGITS ? decimalOf(mantissa) : undefined;
  if (decimal === undefined) return undefined;
  const point = decimal.indexOf('.');
  const written = exponentAt(value, behind);
  const exponent = written !== '' && (point >= 0 || /[+-]/.test(written)) ? written : ''; // 12e5 may be hexadecimal
  const number = Number(decimal + exponent);
  const places = point < 0 ? 0 : decimal.length - 1 - point;
  const isInteger = places === 0 && exponent === '';
  const resolution = isInteger ? 1 : Math.min(1, Number(`1e${Number(exponent.slice(1)) - places}`));
  const symbols = unitAt(value, behind + exponent.length);
  const end = behind + exponent.length + symbols.length;
  const unit = symbols === '' ? NONE : unitOf(symbols.trim());
  const duration = unit.family === 'time' ? durationAt(value, number * unit.scale, unit.scale, end) : undefined;
  const shown = symbols !== '' && SHOWN_WITHOUT.test(symbols) ? end - symbols.length : end;
  return duration ?? (endsAt(value, end) ? { number, resolution, unit, end, shown } : undefined);
}

/** The digits of a number with a point for its decimal mark; undefined where its marks are of something else. */
function decimalOf(mantissa: string): string | undefined {
  let [count, first, place] = [0, 0, 0]; // of marks; the first one, and the place of the last
  let isOne = true;
  for (let i = 0; i < mantissa.length; i++) {
    const code = mantissa.charCodeAt(i);
    if (isDigit(code)) continue;
    if (count === 0) first = code;
    else if (code !== first) isOne = false;
    count += 1;
    place = i;
  }
  if (count === 0 || (count === 1 && first === DOT)) return mantissa;
  if (isOne && first === DOT && mantissa.length - place - 1 !== 3) return undefined; // an address, or a version
  const parts = mantissa.split(/\D/);
  const marks = mantissa.replaceAll(/\d/g, '');
  const last = marks.at(-1)!;
  if (isOne && last === '_') return parts.join('');
  if (isOne && (marks.length > 1 || last !== '.') && GROUPED.test(parts.join(' '))) return parts.join('');
  if (last !== '.' && last !== ',') return undefined;
  const whole = parts.slice(0, -1);
  if (whole.length > 1 && !(marks.slice(0, -1) === marks[0]!.repeat(marks.length - 1) && marks[0] !== last))
    return undefined;
  return whole.length === 1 || GROUPED.test(whole.join(' ')) ? `${whole.join('')}.${parts.at(-1)!}` : undefined;
}

/** The exponent that is written behind a mantissa; '' where none is. */
function exponentAt(value: string, from: number): string {
  if ((value.charCodeAt(from) | 32) !== E) return '';
  EXPONENT.lastIndex = from;
  return EXPONENT.exec(value)?.[0] ?? '';
}

/** What is written behind a number as its unit; '' where nothing is. */
function unitAt(value: string, from: number): string {
  if (from >= value.length || isPunctuation(value.charCodeAt(from))) return '';
  SYMBOLS.lastIndex = SPACED.lastIndex = LETTERS.lastIndex = from;
  const symbols = SYMBOLS.exec(value);
  if (symbols) return symbols[0];
  const spaced = SPACED.exec(value);
  if (spaced) return unitOf(spaced[1]!).varies ? spaced[0] : '';
  let letters = LETTERS.exec(value)?.[0] ?? ''; // other scripts have no spaces between words
  while (letters !== '' && !unitOf(letters).varies) letters = letters.slice(0, -1);
  return letters;
}

/** Signs of ASCII that no unit begins with: all but `%`, `/` and a currency. */
function isPunctuation(code: number): boolean {
  return (code > 37 && code < 47) || (code > 57 && code < 65) || (code > 90 && code < 97) || (code > 122 && code < 127);
}

/** A duration that goes on behind its first part, in seconds; undefined where it does not. */
function durationAt(value: string, first: number, scale: number, from: number): Quantity | undefined {
  let milliseconds = first;
  let end = from;
  for (let least = scale; ;) {
    PART.lastIndex = end;
    const part = PART.exec(value);
    const unit = part && unitOf(part[2]!);
    if (unit?.family !== 'time' || unit.scale >= least) break;
    milliseconds += Number(part![1]) * unit.scale;
    least = unit.scale;
    end = PART.lastIndex;
  }
  if (end === from || !endsAt(value, end)) return undefined;
  return { number: milliseconds / SECONDS.scale, resolution: 1, unit: SECONDS, end, shown: end };
}

/** Whether a number may end at a place: whether it is not joined to what is behind it. */
function endsAt(value: string, place: number): boolean {
  if (place >= value.length) return true;
  const code = value.charCodeAt(place);
  if (isOfWord(code)) return false;
  const mayJoin = code === 45 || code === DOT || code === 58 || code === 47; // - . : /
  return !mayJoin || !/^[-.:][A-Za-z\d]|^\/\d+\//.test(value.slice(place, place + MOST_BEFORE));
}

/** What a value without such a number is by itself: a duration of ISO 8601, or what is written in place of a number. */
function ofWhole(value: string, hasDigits: boolean): readonly WrittenNumber[] {
  if (hasDigits && !value.includes('P')) return [];
  const found = hasDigits ? ISO_DURATION.exec(value) : SPECIAL.exec(value);
  if (!found) return [];
  if (!hasDigits) return [{ text: found[2]!, number: NaN, resolution: 1, unit: NONE, before: found[1]!.slice(-MOST_BEFORE) }]; // prettier-ignore
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = found;
  const number = 86_400 * Number(days) + 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds);
  return [{ text: value, number, resolution: 1, unit: SECONDS, before: '' }];
}
