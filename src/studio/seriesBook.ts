import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import { visible } from '../check/visible.js';
import type { Series } from './messages.js';

/** A number that came, and what was expected: what a forecast or a monitor gives. */
export interface SeriesPoint {
  /** What came; NaN where nothing did. */
  readonly value: number;
  /** What was expected; absent where nothing was. */
  readonly expected?: number | undefined;
  /** The lower end of the band that was expected; absent where there is none. */
  readonly low?: number | undefined;
  /** Its upper end; absent where there is none. */
  readonly high?: number | undefined;
  /** Whether there was an alarm; none by default. */
  readonly alarm?: boolean | undefined;
  /** What the alarm is about, such as the line of a log: written beside it; its first 400 characters. */
  readonly note?: string | undefined;
  /** When; by default the count of points, from 1. */
  readonly time?: number | undefined;
}

/** The latest points of some series. */
export interface SeriesBook {
  lane<T>(title: string, pointOf: (item: T) => SeriesPoint, changed: () => void): MonoTypeOperatorFunction<T>;
  read(): Series[];
}

/** A series, and how many points it has had. */
interface Kept {
  readonly title: string;
  readonly points: SeriesPoint[];
  count: number;
}

/** Points of a series that are kept. */
const KEPT = 600;
const MOST_SERIES = 12;
/** Characters of a note, and notes that are shown. */
const [NOTE, MOST_NOTES] = [400, 50];

/** Makes a book of series: the latest 600 points of each, and of twelve at most. */
export function seriesBook(): SeriesBook {
  const all: Kept[] = [];
  const orNull = (x: number | undefined): number | null => (x !== undefined && Number.isFinite(x) ? x : null);
  return {
    lane(title, pointOf, changed) {
      const known = all.find((series) => series.title === title);
      if (!known && all.length === MOST_SERIES) return (source) => source;
      const kept = known ?? { title, points: [], count: 0 };
      if (!known) all.push(kept);
      const { points } = kept;
      return tap((item) => {
        kept.count += 1;
        const { value, expected, low, high, alarm, note, time = kept.count } = pointOf(item);
        const about = alarm && note !== undefined ? visible(note, { most: NOTE }) : undefined;
        points.push({ value, expected, low, high, alarm, time, note: about });
        if (points.length >= 2 * KEPT) points.splice(0, KEPT);
        changed();
      });
    },
    read: () =>
      all.map(({ title, points }) => {
        const kept = points.slice(-KEPT);
        return {
          title,
          time: kept.map(({ time }) => time!),
          value: kept.map(({ value }) => orNull(value)),
          expected: kept.map(({ expected }) => orNull(expected)),
          low: kept.map(({ low }) => orNull(low)),
          high: kept.map(({ high }) => orNull(high)),
          alarms: kept.flatMap(({ alarm, time }) => (alarm === true ? [time!] : [])),
          notes: kept.flatMap(({ note, time }) => (note ? [{ time: time!, note }] : [])).slice(-MOST_NOTES),
        };
      }),
  };
}
