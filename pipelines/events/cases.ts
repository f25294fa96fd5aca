import { lastValueFrom, toArray } from 'rxjs';
import { csv, rowOrigin } from '../../src/index.js';
import { checkText } from '../cli/checkText.js';
import { UsageError } from '../cli/command.js';
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
  const chosen = (header: readonly string[]): readonly string[] => {
    for (const option of ['case', 'event', 'time'] as const) {
      const name = columns[option];
      if (header.includes(name)) continue;
      throw new UsageError(`${path}: there is no column ${name}, only ${header.join(', ')}; --${option} names another`);
    }
    return [columns.case, columns.event, columns.time];
  };
  const row$ = csv(path, { columns: chosen, delimiter: 'auto' });
  const rows = await lastValueFrom(row$.pipe(toArray()));
  const secondsOf = reader(rows.map((row) => row[columns.time]!));
  const cases = new Map<string, CaseEvent[]>();
  for (const row of rows) {
    const text = row[columns.time]!;
    const time = secondsOf(text);
    if (Number.isNaN(time) && isAmbiguous(text)) {
      throw new Error(`${rowOrigin(row)}: ${columns.time} may be day or month first: ${text}; write it as 2026-03-31`);
    }
    if (!Number.isFinite(time)) throw new Error(`${rowOrigin(row)}: ${columns.time} is not a time: ${text}`);
    const key = row[columns.case]!;
    if (!cases.has(key)) cases.set(key, []);
    cases.get(key)!.push({ event: row[columns.event]!, time });
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

/** Numbers from here up are milliseconds since 1970, those of a whole file: as seconds they were after the year 5100. */
const MILLISECONDS = 1e11;

/**
 * Reads times as dates or, where all are plain numbers, as seconds or milliseconds since 1970; NaN for any other text, and for
 * dates that begin with the day or the month where no date of the file shows which.
 */
function reader(texts: readonly string[]): (text: string) => number {
  const isNumber = (text: string): boolean => /^\s*[+-]?\d+(?:\.\d*)?\s*$/.test(text);
  if (texts.every(isNumber)) {
    const unit = texts.some((text) => Math.abs(Number(text)) >= MILLISECONDS) ? 1000 : 1;
    return (text) => Number(text) / unit;
  }
  const yearLast = texts.filter(isYearLast);
  const orders = (['day', 'month'] as const).filter(
    (first) => !yearLast.some((text) => Number.isNaN(timeOf(text, { first }))),
  );
  const first = orders.length === 1 ? orders[0] : undefined;
  return (text) => {
    if (isAmbiguous(text)) return timeOf(text, { first }) / 1000;
    return Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`) / 1000;
  };
}
