import { lastValueFrom, toArray } from 'rxjs';
import { csv } from '../../src/index.js';

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

/** Reads the cases of a CSV file, each with its events in the order of the file; cases in the order of their first events. */
export async function readCases(path: string, columns: CaseColumns): Promise<CaseEvent[][]> {
  const row$ = csv(path, { columns: [columns.case, columns.event, columns.time] });
  const rows = await lastValueFrom(row$.pipe(toArray()));
  const secondsOf = reader(rows.map((row) => row[columns.time]!));
  const cases = new Map<string, CaseEvent[]>();
  for (const [i, row] of rows.entries()) {
    const text = row[columns.time]!;
    const time = secondsOf(text);
    if (!Number.isFinite(time)) throw new Error(`${path}: row ${i + 1}: ${columns.time} is not a time: ${text}`);
    const key = row[columns.case]!;
    if (!cases.has(key)) cases.set(key, []);
    cases.get(key)!.push({ event: row[columns.event]!, time });
  }
  if (cases.size < 4) throw new Error(`${path}: needs at least four cases, got ${cases.size}`);
  return [...cases.values()];
}

/** Numbers from here up are milliseconds since 1970, those of a whole file: as seconds they were after the year 5100. */
const MILLISECONDS = 1e11;

/** Reads times as dates or, where all are plain numbers, as seconds or milliseconds since 1970; NaN for any other text. */
function reader(texts: readonly string[]): (text: string) => number {
  const isNumber = (text: string): boolean => /^\s*[+-]?\d+(?:\.\d*)?\s*$/.test(text);
  if (!texts.every(isNumber)) {
    return (text) => Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`) / 1000;
  }
  const unit = texts.some((text) => Math.abs(Number(text)) >= MILLISECONDS) ? 1000 : 1;
  return (text) => Number(text) / unit;
}
