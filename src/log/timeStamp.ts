import { MONTH, monthOf } from './monthOf.js';

/** A time stamp in a text. */
export interface TimeStamp {
  /** Milliseconds since 1970, UTC where it has no zone; a stamp without a year is of 2000, one without a day of 1970-01-01. */
  readonly time: number;
  readonly from: number;
  readonly to: number;
  /** Whether it has a day and no year. */
  readonly isYearless: boolean;
}

/**
 * Chooses one of the times of a date whose order of day, month and year is not certain; `form` is its separator and the length of
 * its year, and the usual reading is the first. Of a clock without a day, whose form is `clock`, there is one time.
 */
export type ChooseTime = (form: string, times: readonly (number | undefined)[]) => number | undefined;

/** What the groups of each form are, in order. */
type Part =
  | 'year'
  | 'month'
  | 'day'
  | 'first'
  | 'between'
  | 'second'
  | 'third'
  | 'hour'
  | 'minute'
  | 'seconds'
  | 'clock'
  | 'fraction'
  | 'half'
  | 'zone'
  | 'epoch'
  | 'digits';
type Parts = { readonly [P in Part]?: string };
type Form = readonly [source: string, parts: readonly Part[]];
interface Forms {
  /** Finds where a stamp of any form begins, without groups, of which there would be 80. */
  readonly search: RegExp;
  /** The forms, to be read at that place: the first one that matches is the one that was found. */
  readonly readers: readonly { readonly expression: RegExp; readonly parts: readonly Part[] }[];
}

const FORMS = /* @__PURE__ */ forms(); // by a call, which bundles without it leave out

function forms(): Forms {
  const HALF = String.raw`(?:[ \u00a0\u202f]?([ap])\.?m\b\.?)?`;
  const FRACTION = String.raw`(?:[.,:](\d{1,9}))?`;
  const CLOCK = String.raw`(\d{1,2}):(\d\d):(\d\d)${FRACTION}${HALF}`;
  const ZONE = String.raw`(?: ?(Z\b|[+-]\d\d:?\d\d(?!\d)))?`;
  const DAYS = String.raw`(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?`;
  /** The words of a month and a weekday, which most words are not looked up as. */
  const WORDS = String.raw`(?<![a-z])(?=(?:[a-z]{3,9},? )?[a-z\u00df-\u024f\u0430-\u044f]{3,11}\.? {1,2}\d)`;
  const WEEKDAY = String.raw`(?<![a-z])(?=[a-z])${DAYS}`;
  const AT_FRONT = String.raw`(?<=^[[\x28<"]?)`;
  const CLOCK_PARTS: readonly Part[] = ['hour', 'minute', 'seconds', 'fraction', 'half'];
  const list: readonly Form[] = [
    [
      String.raw`(\d{4})[-/.](\d\d)[-/.](\d\d)(?:[T_\t:-]| {1,2}|, ?| - )(\d\d)[:.](\d\d)[:.](\d\d)${FRACTION}${HALF}${ZONE}`,
      ['year', 'month', 'day', ...CLOCK_PARTS, 'zone'],
    ],
    [String.raw`(\d{4})[-/.](\d{1,2})[-/.](\d{1,2}),? ${CLOCK}`, ['year', 'month', 'day', ...CLOCK_PARTS]],
    [
      String.raw`(?:(\d{4})[年년] ?)?(\d{1,2})[月월] ?(\d{1,2})[日일]?,? {0,2}${CLOCK}`,
      ['year', 'month', 'day', ...CLOCK_PARTS],
    ],
    [
      String.raw`${WORDS}${DAYS}(${MONTH})\.? {1,2}(\d{1,2})(?:,? (\d{4}),?(?: at)?)? ${CLOCK}` +
        String.raw`(?:(?: (?:[A-Z]{1,4}T|UTC|MSK|([+-]\d{4})))? (\d{4})(?!\d))?`,
      ['month', 'day', 'year', ...CLOCK_PARTS, 'zone', 'year'],
    ],
    [
      String.raw`(\d{1,2})\.?[/ -](${MONTH})\.?(?:[/ -](\d{4}|\d\d)(?: г\.)?)?(?:::?|[ T]|, ?| at )${CLOCK}${ZONE}`,
      ['day', 'month', 'year', ...CLOCK_PARTS, 'zone'],
    ],
    [
      String.raw`${WEEKDAY}(\d{1,2})\.?[/ -](${MONTH})\.?(?:[/ -](\d{4}|\d\d)(?: г\.)?)?(?:::?|[ T]|, ?| at )${CLOCK}${ZONE}`,
      ['day', 'month', 'year', ...CLOCK_PARTS, 'zone'],
    ],
    [
      String.raw`(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4}|\d\d)(?:[T_:,-]| {1,2}|, )${CLOCK}${ZONE}`,
      ['first', 'between', 'second', 'third', ...CLOCK_PARTS, 'zone'],
    ],
    [
      String.raw`(\d{4})(\d\d)(\d\d)[-T_ ](\d{1,2}:\d{1,2}:\d{1,2}|\d{6})${FRACTION}${ZONE}(?!\d)`,
      ['year', 'month', 'day', 'clock', 'fraction', 'zone'],
    ],
    [String.raw`${AT_FRONT}((?:19|20)\d\d)(\d\d)(\d\d)(\d{6})(?![\d.])`, ['year', 'month', 'day', 'clock']],
    [String.raw`(\d\d)(\d\d)(\d\d) {1,2}(\d{1,2}:\d\d:\d\d|\d{6})(?!\d)`, ['year', 'month', 'day', 'clock']],
    [String.raw`(\d\d)([-/.])(\d\d)[ |]${CLOCK}`, ['first', 'between', 'second', ...CLOCK_PARTS]],
    [String.raw`(\d\d)(\d\d) ${CLOCK}`, ['month', 'day', ...CLOCK_PARTS]],
    [String.raw`${AT_FRONT}(1\d{9})(\d{9}|\d{6})(?![\d.])`, ['epoch', 'digits']],
    [String.raw`(1\d{9})(\d{3})?(?:\.(\d{1,9}))?(?![\d-])`, ['epoch', 'digits', 'fraction']],
  ];
  const ALONE = String.raw`(?<=^\[?)(?=\d\d|[\d:]{7} ?[ap])${CLOCK}(?![\d:])`;
  const sources: readonly Form[] = [
    ...list.map(([source, parts]) => [`(?<![\\d.:])(?:${source})`, parts] as const),
    [ALONE, CLOCK_PARTS],
  ];
  const isOfWords = (source: string): boolean => source.startsWith(WORDS) || source.startsWith(WEEKDAY);
  const IN_DIGITS = list.filter(([source]) => !isOfWords(source)).map(([source]) => source);
  const IN_WORDS = list.filter(([source]) => isOfWords(source)).map(([source]) => source);
  const search = new RegExp(
    String.raw`(?<![\d.:])(?:(?=\d)(?:${IN_DIGITS.join('|')})|${IN_WORDS.join('|')})|${ALONE}`.replaceAll(
      /\((?!\?)/g,
      '(?:',
    ),
    'i',
  );
  const readers = sources.map(([source, parts]) => ({ expression: new RegExp(source, 'iy'), parts }));
  return { search, readers };
}

/** The form of a clock without a day. */
export const CLOCK_ALONE = 'clock';
/** How much of a text is searched. */
const WITHIN = 120;
const DAY = 86_400_000; // milliseconds

/** Finds the first time stamp in the first 120 characters of a text. */
export function timeStamp(text: string, choose: ChooseTime = firstPossible): TimeStamp | undefined {
  const start = text.length > WITHIN ? text.slice(0, WITHIN) : text;
  const from = start.search(FORMS.search);
  if (from < 0) return undefined;
  for (const { expression, parts: names } of FORMS.readers) {
    expression.lastIndex = from;
    const found = expression.exec(start);
    if (!found) continue;
    const parts = partsOf(names, found);
    const time = timeOf(parts, choose);
    if (time === undefined) return undefined;
    const isYearless = (parts.month ?? parts.first) !== undefined && (parts.year ?? parts.third) === undefined;
    return { time, from, to: from + found[0].length, isYearless };
  }
  return undefined;
}

function partsOf(names: readonly Part[], found: RegExpExecArray): Parts {
  const parts: { [P in Part]?: string } = {};
  for (let i = 0; i < names.length; i++) {
    const value = found[i + 1];
    if (value !== undefined) parts[names[i]!] = value;
  }
  return parts;
}

function firstPossible(_form: string, times: readonly (number | undefined)[]): number | undefined {
  return times.find((time) => time !== undefined);
}

function timeOf(parts: Parts, choose: ChooseTime): number | undefined {
  const fraction = parts.fraction === undefined ? 0 : Math.floor(Number(`0.${parts.fraction}`) * 1000);
  if (parts.epoch !== undefined) return Number(parts.epoch) * 1000 + Number(parts.digits?.slice(0, 3) ?? fraction);
  const [hour, minute, second] = clockOf(parts);
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const clock = ((hour * 60 + minute) * 60 + second) * 1000 + fraction - zoneOf(parts.zone);
  const { year = '2000', month, day } = parts;
  if (month !== undefined) return dated(year, String(monthOf(month) || month), day!, clock);
  if (parts.first === undefined) return choose(CLOCK_ALONE, [clock]);
  return choose(`${parts.between!}${parts.third?.length ?? 0}`, readingsOf(parts, clock));
}

/**
 * The times of a date in numbers, the usual reading first: the day where dots are between them, the year where that has two digits,
 * the month between slashes or without a year, and else the day.
 */
function readingsOf({ first, between, second, third }: Parts, clock: number): readonly (number | undefined)[] {
  const monthFirst = dated(third ?? '2000', first!, second!, clock);
  const dayFirst = dated(third ?? '2000', second!, first!, clock);
  if (third === undefined) return [monthFirst, dayFirst];
  const isShort = third.length === 2;
  const yearFirst = isShort && first!.length === 2 ? dated(first!, second!, third, clock) : undefined;
  if (between === '.') return [dayFirst, monthFirst, yearFirst];
  if (isShort) return [yearFirst, monthFirst, dayFirst];
  return between === '/' ? [monthFirst, dayFirst] : [dayFirst, monthFirst];
}

/** Milliseconds of a date and a clock; undefined for what is not a date. */
function dated(year: string, month: string, day: string, clock: number): number | undefined {
  const [y, m, d] = [Number(year) + (year.length === 2 ? 2000 : 0), Number(month), Number(day)];
  if (m < 1 || m > 12 || d < 1 || d > daysOf(y, m)) return undefined;
  return daysSince1970(y, m, d) * DAY + clock;
}

function clockOf({ clock, hour, minute, seconds, half }: Parts): [number, number, number] {
  if (clock === undefined) return [ofHalf(Number(hour), half), Number(minute), Number(seconds)];
  const [h, m, s] = clock.includes(':') ? clock.split(':') : clock.match(/../g)!;
  return [Number(h), Number(m), Number(s)];
}

/** The hour from 0 to 23 of a clock: one of 12 hours where the half of the day is behind it, else one of 24. */
function ofHalf(hour: number, half: string | undefined): number {
  if (half === undefined || hour > 12) return hour;
  return (hour % 12) + (/p/i.test(half) ? 12 : 0);
}
function zoneOf(zone: string | undefined): number {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** How many days a month has; without a year, of 2000, February has 29. */
function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days of the Gregorian calendar, counted from a March. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const m = month > 2 ? month - 3 : month + 9;
  return (
    365 * y +
    Math.floor(y / 4) -
    Math.floor(y / 100) +
    Math.floor(y / 400) +
    Math.floor((153 * m + 2) / 5) +
    day -
    719_469
  );
}
