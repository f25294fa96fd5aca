import { MONTH } from './monthOf.js';

/** The dates and clocks of a value. */
interface TimesIn {
  /** The value without them. */
  readonly rest: string;
  /** The first date, and its year; undefined where it has clocks alone. */
  readonly date: { readonly text: string; readonly year: number } | undefined;
}

const EXPRESSIONS = /* @__PURE__ */ expressions();

/** Expressions for times: for those of a value, and the source of one for a date with the name of a month in a token. */
interface Expressions {
  readonly times: RegExp;
  readonly namedDate: string;
}

function expressions(): Expressions {
  const CLOCK = String.raw`(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-6]\d(?:[.,:]\d{1,9})?)?`;
  const CLOCK_BEHIND = String.raw`(?:(?:[T_ :-]|, )${CLOCK}(?: ?[ap]m)?(?:Z| ?[+-]\d\d:?\d\d)?)?`;
  const DAY = String.raw`(?:0?[1-9]|[12]\d|3[01])`;
  const WITH_NAME = String.raw`${DAY}[-/]${MONTH}[-/](?:\d{4}|\d\d)`;
  const DATES = [
    String.raw`\d{4}(?:-\d\d-|/\d\d/|\.\d\d\.)\d\d`,
    String.raw`\d{4}年\d{1,2}月\d{1,2}日`,
    String.raw`${DAY}(?:-${DAY}-|/${DAY}/|\.${DAY}\.)(?:19|20)\d\d`,
    String.raw`(?:0[1-9]|[12]\d|3[01])/(?:0[1-9]|[12]\d|3[01])/\d\d`,
    String.raw`(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[T-]?\d{6}(?:[.,]\d{1,9})?Z?)?`,
    WITH_NAME,
  ].join('|');
  const DATES_OF_WORDS = String.raw`${DAY}\.? ${MONTH}\.? \d{4}|${MONTH}\.? ${DAY},? \d{4}`;
  const namedDate = String.raw`(?<![a-z\d])${WITH_NAME}${CLOCK_BEHIND}(?![a-z\d])`;
  const times = new RegExp(
    String.raw`(?<![a-z\d])(?:(${DATES}|${DATES_OF_WORDS})${CLOCK_BEHIND}(?![a-z\d])|(?<![:.])${CLOCK}(?![\w:]))`,
    'gi',
  );
  return { times, namedDate };
}

/** Source of an expression, of whatever case, for a date with the name of a month in a token, and the clock behind it. */
export const namedDate = (): string => EXPRESSIONS.namedDate;

const MOST_LENGTH = 64; // of a value whose times are looked for
const DIGITS_OF_DATE = 8; // of one without signs between
const DIGITS_OF_TIME = 14;
const YEAR = /\d{4}/;
/** Of two digits: the last ones of a date between slashes, or behind a name. */
const SHORT_YEAR = /\d\d$/;

/** Finds the times of a value; undefined where it has none, or more than 64 characters. */
export function timesIn(value: string): TimesIn | undefined {
  if (value.length > MOST_LENGTH || !mayHaveTime(value)) return undefined;
  let date: TimesIn['date'];
  const rest = value.replace(EXPRESSIONS.times, (_found, text: string | undefined) => {
    if (text !== undefined && !date) date = { text, year: yearOf(text) };
    return '';
  });
  return rest.length === value.length ? undefined : { rest, date };
}

/** Whether a value has what times have: a number of 8 or 14 digits, or a sign of theirs, other than one dot, between digits. */
function mayHaveTime(value: string): boolean {
  let run = 0; // digits before
  let dots = 0;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code >= 48 && code <= 57) {
      run += 1;
      continue;
    }
    if (run === DIGITS_OF_DATE || run === DIGITS_OF_TIME) return true;
    if (code === DOT) dots += run > 0 ? 1 : 0;
    else if (run > 0 && run <= 4 && (code === COLON || code < 48 || code > 0x7f) && i + 1 < value.length) return true;
    run = 0;
  }
  return (
    run === DIGITS_OF_DATE ||
    run === DIGITS_OF_TIME ||
    (dots === 2 && run === 4) ||
    (value.includes(' ') && LETTER_FIRST.test(value))
  );
}

const COLON = 58;
const DOT = 46;
const LETTER_FIRST = /^[a-z]{3,9}\.? \d{1,2},? \d{4}/i;

function yearOf(date: string): number {
  const year = YEAR.exec(date);
  return year ? Number(year[0]) : 2000 + Number(SHORT_YEAR.exec(date)![0]);
}
