/** A time stamp in a text. */
export interface TimeStamp {
  /** Milliseconds since 1970, UTC where it has no zone; a stamp without a year is of 2000, one without a day of 1970-01-01. */
  readonly time: number;
  readonly from: number;
  readonly to: number;
  /** Whether it has a day and no year. */
  readonly isYearless: boolean;
}

const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const CLOCK = String.raw`(\d\d):(\d\d):(\d\d)(?:[.,:](\d{1,9}))?`;
const DAYS = String.raw`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? `;

/** What the groups of each form are, in order. */
type Part =
  'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'clock' | 'fraction' | 'zone' | 'seconds' | 'millis';
const CLOCK_PARTS: readonly Part[] = ['hour', 'minute', 'second', 'fraction'];
const FORMS: readonly (readonly [source: string, parts: readonly Part[]])[] = [
  [
    String.raw`(\d{4})[-/.](\d\d)[-/.](\d\d)(?:[T_-]| {1,2}|, ?)(\d\d)[:.](\d\d)[:.](\d\d)(?:[.,:](\d{1,9}))?` +
      String.raw`(?: ?(Z\b|[+-]\d\d:?\d\d(?!\d)))?`,
    ['year', 'month', 'day', ...CLOCK_PARTS, 'zone'],
  ],
  [
    String.raw`(?:${DAYS})?(${MONTHS}) {1,2}(\d{1,2}) ${CLOCK}(?: (\d{4})(?!\d))?`,
    ['month', 'day', ...CLOCK_PARTS, 'year'],
  ],
  [
    String.raw`(\d\d)[/ -](${MONTHS})[/ -](\d{4})[: ]${CLOCK}(?: ?([+-]\d{4}))?`,
    ['day', 'month', 'year', ...CLOCK_PARTS, 'zone'],
  ],
  [String.raw`(\d\d)[/-](\d\d)[/-](\d\d) ${CLOCK}`, ['year', 'month', 'day', ...CLOCK_PARTS]],
  [
    String.raw`(\d{4})(\d\d)(\d\d)[-T ](\d{1,2}:\d{1,2}:\d{1,2}|\d{6})(?:[.,:](\d{1,9}))?(?!\d)`,
    ['year', 'month', 'day', 'clock', 'fraction'],
  ],
  [String.raw`(\d\d)(\d\d)(\d\d) (\d\d)(\d\d)(\d\d)(?!\d)`, ['year', 'month', 'day', 'hour', 'minute', 'second']],
  [String.raw`(\d\d)[-./]?(\d\d) ${CLOCK}`, ['month', 'day', ...CLOCK_PARTS]],
  [String.raw`(1\d{9})(\d{3})?(?:\.(\d{1,9}))?(?![\d-])`, ['seconds', 'millis', 'fraction']],
];
const SEARCH = new RegExp(
  `(?<![\\d.:])(?:${FORMS.map(([source]) => source).join('|')})|^\\[?(?<!\\d)${CLOCK}(?![\\d:])`,
);
const GROUPS = [...FORMS.map(([, parts]) => parts), CLOCK_PARTS].flatMap((parts, form) =>
  parts.map((part) => ({ form, part })),
);

/** How much of a text is searched. */
const WITHIN = 120;
const MONTH_NAMES = MONTHS.split('|');

/** Finds the first time stamp in the first 120 characters of a text. */
export function timeStamp(text: string): TimeStamp | undefined {
  const found = SEARCH.exec(text.length > WITHIN ? text.slice(0, WITHIN) : text);
  if (!found) return undefined;
  const parts: { [P in Part]?: string } = {};
  for (let i = 0; i < GROUPS.length; i++) {
    const value = found[i + 1];
    if (value !== undefined) parts[GROUPS[i]!.part] = value;
  }
  const time = timeOf(parts);
  if (time === undefined) return undefined;
  const isYearless = parts.month !== undefined && parts.year === undefined;
  return { time, from: found.index, to: found.index + found[0].length, isYearless };
}

function timeOf(parts: { readonly [P in Part]?: string }): number | undefined {
  const fraction = parts.fraction === undefined ? 0 : Math.floor(Number(`0.${parts.fraction}`) * 1000);
  if (parts.seconds !== undefined) return Number(parts.seconds) * 1000 + Number(parts.millis ?? fraction);
  const [hour, minute, second] = clockOf(parts);
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const clock = ((hour * 60 + minute) * 60 + second) * 1000 + fraction - zoneOf(parts.zone);
  if (parts.month === undefined) return clock;
  const named = MONTH_NAMES.indexOf(parts.month);
  const month = named < 0 ? Number(parts.month) : named + 1;
  const day = Number(parts.day);
  const given = Number(parts.year ?? 2000);
  const year = parts.year?.length === 2 ? 2000 + given : given;
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined;
  return daysSince1970(year, month, day) * 86_400_000 + clock;
}

function clockOf(parts: { readonly [P in Part]?: string }): [number, number, number] {
  const { clock, hour, minute, second } = parts;
  if (clock === undefined) return [Number(hour), Number(minute), Number(second)];
  const [h, m, s] = clock.includes(':') ? clock.split(':') : clock.match(/../g)!;
  return [Number(h), Number(m), Number(s)];
}

function zoneOf(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
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
