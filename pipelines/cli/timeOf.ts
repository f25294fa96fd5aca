import { isDay } from './isDay.js';

/** Which number of a date such as 03/04/2026 comes first. */
type DateOrder = 'day' | 'month';

/** How a time is read. */
export interface TimeOfOptions {
  /** Whether its column is known to have times, so that a large number is one, and 20260331 is a date; true by default. */
  readonly named?: boolean;
  /** How dates are read that begin with the day or the month; without it they are not. */
  readonly first?: DateOrder | undefined;
}

const ISO = /^(\d{4})-(\d\d)(?:-(\d\d))?(?:[ T]\d\d:\d\d|$)/;
const NUMBER = /^\d{9,}(?:\.\d*)?$/;
const COMPACT = /^((?:19|20)\d\d)(\d\d)(\d\d)$/;
const YEAR_FIRST = /^(\d{4})([./])(\d{1,2})\2(\d{1,2})(?:,?[ T]+(.+))?$/;
const YEAR_LAST = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:,?[ T]+(.+))?$/;
const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?(?: ?([ap])m)?$/i;

/** The time of a date in milliseconds, UTC without a zone, or a number as it is; NaN for other texts and what may be two dates. */
export function timeOf(text: string, { named = true, first }: TimeOfOptions = {}): number {
  const trimmed = text.trim();
  if (named && NUMBER.test(trimmed)) return Number(trimmed);
  const [found, inYear, inMonth, onDay = 1] = ISO.exec(trimmed) ?? [];
  if (found !== undefined) {
    if (!isDay(Number(inYear), Number(inMonth), Number(onDay))) return NaN;
    const iso = trimmed.replace(' ', 'T');
    return Date.parse(/T/.test(iso) && !/(?:Z|[+-]\d\d:?\d\d)$/i.test(iso) ? `${iso}Z` : iso);
  }
  const [, y, m, d] = (named && COMPACT.exec(trimmed)) || [];
  if (y !== undefined) return dateOf(y, m!, d!);
  const [, year, , month, day, clock] = YEAR_FIRST.exec(trimmed) ?? [];
  if (year !== undefined) return dateOf(year, month!, day!, clock);
  const [, one, , other, last, hours] = YEAR_LAST.exec(trimmed) ?? [];
  if (one === undefined || first === undefined) return NaN;
  return first === 'day' ? dateOf(last!, other!, one, hours) : dateOf(last!, one, other!, hours);
}

/** Whether a text is a date that begins with the day or the month. */
export function isYearLast(text: string): boolean {
  return YEAR_LAST.test(text.trim());
}

function dateOf(year: string, month: string, day: string, clock = '0:00'): number {
  const [, hour, minute, second = '0', half] = CLOCK.exec(clock.trim()) ?? [];
  if (hour === undefined || !isDay(Number(year), Number(month), Number(day))) return NaN;
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  return Date.UTC(Number(year), Number(month) - 1, Number(day), hours, Number(minute)) + 1000 * Number(second);
}
