import { lastValueFrom, toArray } from 'rxjs';
import { csv, rowOrigin } from '../../src/index.js';
import { checkText } from '../cli/checkText.js';
import { columnNamed } from '../cli/columnNamed.js';
import { UsageError } from '../cli/command.js';
import { isDay } from '../cli/isDay.js';
import { isMilliseconds } from '../cli/isMilliseconds.js';
import { isYearLast, timeOf } from '../cli/timeOf.js';

/** A thing that happened in a case. */
export interface CaseEvent {
  readonly event: string;
  /** Seconds since 1970. */
  readonly time: number;
}

/** The columns of a CSV file of events. */
export interface CaseColumns {
  readonly case: string;
  readonly event: string;
  readonly time: string;
}

/** What was read of a CSV file of events. */
export interface Cases {
  /** The names of the cases, in the order of their first events in the file. */
  readonly names: readonly string[];
  /** The events of each, in the order of their times; those of one time in the order of the file. */
  readonly cases: CaseEvent[][];
  /** How many events came after a later one of their case. */
  readonly moved: number;
}

/** Reads the cases of a CSV file. */
export async function readCases(path: string, columns: CaseColumns): Promise<Cases> {
  checkText(path); // all events are held in memory
  let keys = columns;
  const chosen = (header: readonly string[]): readonly string[] => {
    const key = (option: keyof CaseColumns): string => {
      const name = columns[option];
      const column = columnNamed(header, name);
      if (column !== undefined) return column;
      throw new UsageError(`${path}: there is no column ${name}, only ${header.join(', ')}; --${option} names another`);
    };
    keys = { case: key('case'), event: key('event'), time: key('time') };
    return [keys.case, keys.event, keys.time];
  };
  const row$ = csv(path, { columns: chosen, delimiter: 'auto' });
  const rows = await lastValueFrom(row$.pipe(toArray()));
  const texts = rows.map((row) => row[keys.time]!);
  const inMilliseconds = texts.some((text) => isMilliseconds(Number(text))); // those of a whole file
  const secondsOf = reader(texts, inMilliseconds ? 1000 : 1);
  const cases = new Map<string, CaseEvent[]>();
  for (const row of rows) {
    const text = row[keys.time]!;
    const [key, event] = [row[keys.case]!, row[keys.event]!];
    if (key.trim() === '') throw new Error(`${rowOrigin(row)}: has no ${columns.case}`);
    if (event.trim() === '') throw new Error(`${rowOrigin(row)}: has no ${columns.event}`);
    const time = secondsOf(text);
    if (Number.isNaN(time) && isAmbiguous(text)) {
      throw new Error(`${rowOrigin(row)}: ${columns.time} may be day or month first: ${text}; write it as 2026-03-31`);
    }
    if (!Number.isFinite(time)) throw new Error(`${rowOrigin(row)}: ${columns.time} is not a time: ${text}`);
    if (inMilliseconds && !Number.isNaN(Number(text)) && !isMilliseconds(Number(text))) {
      throw new Error(`${rowOrigin(row)}: ${columns.time} may be in seconds, and others are in milliseconds: ${text}`);
    }
    if (!cases.has(key)) cases.set(key, []);
    cases.get(key)!.push({ event, time });
  }
  if (cases.size < 4) throw new Error(`${path}: needs at least four cases, got ${cases.size}`);
  const before = [...cases.values()];
  const moved = before.flatMap((events) => events.filter(({ time }, i) => i > 0 && time < events[i - 1]!.time)).length;
  return { names: [...cases.keys()], cases: before.map((events) => events.toSorted((a, b) => a.time - b.time)), moved };
}

/** Whether a date begins with the day or the month, also with a year of two digits: `Date.parse` guesses which. */
function isAmbiguous(text: string): boolean {
  return /^\s*\d{1,2}[./-]\d{1,2}[./-]\d/.test(text);
}

/**
 * Reads times as dates or, where all are plain numbers, since 1970, `unit` to a second; NaN for any other text, and for
 * dates that begin with the day or the month where no date of the file shows which.
 */
function reader(texts: readonly string[], unit: number): (text: string) => number {
  const isNumber = (text: string): boolean => /^\s*[+-]?\d+(?:\.\d*)?\s*$/.test(text);
  if (texts.every(isNumber)) return (text) => (Number(text) < 0 ? NaN : Number(text) / unit);
  const yearLast = texts.filter(isYearLast);
  const orders = (['day', 'month'] as const).filter(
    (first) => !yearLast.some((text) => Number.isNaN(timeOf(text, { first }))),
  );
  const first = orders.length === 1 ? orders[0] : undefined;
  return (text) => {
    if (isAmbiguous(text)) return timeOf(text, { first }) / 1000;
    if (/^\s*[+-]?[\d.]+\s*$/.test(text)) return NaN; // `Date.parse` takes -5 for a month
    const [, year, month, day] = /^\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})/.exec(text) ?? [];
    if (year !== undefined && !isDay(Number(year), Number(month), Number(day))) return NaN;
    return Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`) / 1000;
  };
}
