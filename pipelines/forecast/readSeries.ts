import { from, lastValueFrom, map, tap, toArray } from 'rxjs';
import { columns as takeColumns, type ColumnsOptions, csv } from '../../src/index.js';
import { amount } from '../cli/amount.js';
import { asOptions } from '../cli/asOptions.js';
import { columnNamed } from '../cli/columnNamed.js';
import { UsageError } from '../cli/command.js';
import { timeOrder } from '../cli/timeOrder.js';

/** What of a CSV file is read, and how. */
export interface ReadSeriesOptions extends ColumnsOptions {
  /** The names of the columns with commas between them, as a person has given them. */
  readonly given: string | undefined;
  /** The columns of a model, where there is one. */
  readonly ofModel: readonly string[] | undefined;
}

/** Columns of a CSV file as numbers. */
export interface Series {
  readonly path: string;
  readonly names: readonly string[];
  readonly rows: readonly (readonly number[])[];
  /** The texts of the first other column, one per row; empty without such a column. */
  readonly times: readonly string[];
  /** What is odd about the file, a line each. */
  readonly oddities: readonly string[];
}

/** Reads the rows of a CSV file, and watches whether they are evenly spaced in time. */
export async function readSeries(path: string, { given, ofModel, ...options }: ReadSeriesOptions): Promise<Series> {
  let names: readonly string[] = [];
  let keys: readonly string[] = []; // the names in the header
  let time: string | undefined; // if it has times
  const columns = (header: readonly string[]): readonly string[] => {
    names = namesOf(given, ofModel, header);
    keys = names.map((name) => columnNamed(header, name) ?? name);
    time = header.find((name) => name !== '' && !keys.includes(name));
    return time === undefined ? keys : [...keys, time];
  };
  const table = await lastValueFrom(csv(path, { columns, delimiter: 'auto' }).pipe(toArray()));
  const texts = time === undefined ? [] : table.map((row) => row[time!]!);
  const order = timeOrder(time ?? '', { even: true });
  for (const text of texts) order.add(text);
  const times: string[] = [];
  let read = 0;
  const row$ = from(table).pipe(
    tap(() => (read += 1)),
    takeColumns(...keys, options),
    map((row) => {
      if (texts.length > 0) times.push(texts[read - 1]!);
      return row;
    }),
    toArray(),
  );
  const rows = await lastValueFrom(row$).catch((error: unknown) => {
    throw inOptions(error);
  });
  const oddities: string[] = [];
  const complaint = order.complaint();
  if (complaint !== undefined) oddities.push(complaint);
  if (rows.length < read && options.invalid === 'skip') {
    const left = amount(read - rows.length, 'row without a number was', 'rows without a number were');
    oddities.push(`${left} left out: those after them move up; --invalid carry keeps the rows even`);
  }
  for (const [i, name] of names.entries()) {
    if (rows.length < 2 || rows.some((row) => row[i] !== rows[0]![i])) continue;
    oddities.push(`${name} is ${rows[0]![i]} in all rows: a column that never changes predicts itself, leave it out`);
  }
  return { path, names, rows, times, oddities };
}

/** The columns to read: as many as those of a model, where there is one. */
function namesOf(
  given: string | undefined,
  ofModel: readonly string[] | undefined,
  header: readonly string[],
): readonly string[] {
  const names = given?.split(',').map((name) => name.trim()) ?? ofModel ?? ['value'];
  if (given === undefined && ofModel === undefined && columnNamed(header, 'value') === undefined) {
    throw new UsageError(
      `--columns: name those to forecast, of ${header.map((name) => JSON.stringify(name)).join(', ')}`,
    );
  }
  if (new Set(names).size < names.length || names.includes('')) {
    throw new UsageError(`--columns must be different names, got ${names.join(',')}`);
  }
  if (!ofModel || names.length === ofModel.length) return names;
  throw new UsageError(`--columns must be as many as those of --model, ${ofModel.join(',')}, got ${names.join(',')}`);
}

/** An error of the library as a user of the script reads it: with its options. */
function inOptions(error: unknown): unknown {
  if (!(error instanceof TypeError || error instanceof RangeError)) return error;
  return new UsageError(asOptions(error.message.replace(/^columns: /, '')));
}
