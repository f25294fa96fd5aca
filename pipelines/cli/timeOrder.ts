import { isYearLast, timeOf, type TimeOfOptions } from './timeOf.js';

/** Watches whether the times of rows go on evenly. */
export interface TimeOrder {
  /** Takes the time of the next row; a text that is not a time ends the watch. */
  add(text: string): void;
  /** What is wrong with the times so far; undefined where nothing is. */
  complaint(): string | undefined;
}

/** What is known of a column of times. */
export interface TimeOrderOptions {
  /** Whether its steps are to be even, too. */
  readonly even: boolean;
  /** Whether the column has times for sure; by default its name says it. */
  readonly named?: boolean;
}

const MOST = 1_000_000; // steps that are compared
const EVEN = 1.5; // of the usual step, and its inverse: months differ less
const NAMES = /time|date|stamp|epoch|unix|^ts|_ts$|^ds$|^t$/i;
/** Such as 3/25/24 and 25 March 2024. */
const LIKE_A_DATE = /\d[./-]\d{1,2}[./-]\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b.*\d|\d.*\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i; // prettier-ignore
const NOT_CHECKED = 'whether rows are in their order was not checked; write times as 2026-03-31 14:00';

/**
 * Watches the times of a column called `name`: whether they go back, or with `even` whether their steps differ. Dates that
 * begin with the day or the month are watched in both ways, until one of them cannot be.
 */
export function timeOrder(name: string, { even, named = NAMES.test(name) }: TimeOrderOptions): TimeOrder {
  let watches: readonly Watch[] | undefined;
  let begun = ''; // the first text
  let unread: string | undefined;
  return {
    add(text) {
      if (!watches) {
        begun = text;
        const orders = isYearLast(text) ? (['day', 'month'] as const) : [undefined];
        watches = orders.map((first) => watch(name, even, { named, first }));
      }
      for (const each of watches) each.add(text);
      if (unread === undefined && named && !watches.some((each) => each.isTime()) && LIKE_A_DATE.test(text))
        unread = text;
    },
    complaint() {
      const read = (watches ?? []).filter((each) => each.isTime());
      const complaints = read.map((each) => each.complaint());
      if (complaints.some((complaint) => complaint !== complaints[0])) {
        return `${name} may have the day or the month first, as in ${begun}: ${NOT_CHECKED}`;
      }
      if (read.length > 0) return complaints[0];
      return unread === undefined
        ? undefined
        : `${name} has times that are not read, such as ${unread}: ${NOT_CHECKED}`;
    },
  };
}

interface Watch extends TimeOrder {
  /** Whether all texts were times. */
  isTime(): boolean;
}

/** Watches times that are read in one way. */
function watch(name: string, even: boolean, reading: TimeOfOptions): Watch {
  const steps: number[] = [];
  let before: number | undefined;
  let back = 0;
  let isTime = true;
  return {
    isTime: () => isTime,
    add(text) {
      const time = isTime ? timeOf(text, reading) : NaN;
      if (Number.isNaN(time)) {
        isTime = false;
        return;
      }
      if (before !== undefined) {
        if (time < before) back += 1;
        else if (even && steps.length < MOST) steps.push(time - before);
      }
      before = time;
    },
    complaint() {
      if (back > 0) return `${name} goes back ${times(back)}: sort the rows by time, they are taken in the order of the file`; // prettier-ignore
      const usual = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 0;
      const uneven = steps.filter((step) => step > EVEN * usual || step * EVEN < usual).length;
      if (uneven === 0) return undefined;
      return `rows are not evenly spaced in ${name}: ${uneven} of ${steps.length} steps differ from the usual one; rows are counted, not times`; // prettier-ignore
    },
  };
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
