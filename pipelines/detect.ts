// Finds what is unusual in a metric, row by row: `tail -f metric.csv | npx tsx pipelines/detect.ts`.
import { catchError, EMPTY, filter, lastValueFrom, map, type Observable, takeUntil, tap } from 'rxjs';
import {
  bundledFile,
  closed,
  concatMapBounded,
  credit,
  csv,
  type Row,
  rowOrigin,
  stdinLines,
  visible,
  write,
  yielding,
} from '../src/index.js';
import { amount } from './cli/amount.js';
import { checkReadable } from './cli/checkReadable.js';
import { command, UsageError } from './cli/command.js';
import { interrupted } from './cli/interrupted.js';
import { safeJson } from './cli/safeJson.js';
import { timeOrder } from './cli/timeOrder.js';
import { detector, type Detected, type Measurement } from './detect/detector.js';
import { terminalColumns } from './cli/terminalColumns.js';
import { strip } from './detect/strip.js';

await command(import.meta.url, {
  about: `Scores each row of a metric as it arrives, from the rows before it alone: CSV with the columns timestamp and value,
from FILE or standard input (there without a header also \`timestamp,value\` or a value alone). Without --json it prints the
alarms, each once per event, and at the end a picture of what came, what was predicted and where the alarms were.`,
  argument: 'FILE',
  options: {
    data: { kind: 'text', value: 'FILE', help: 'a CSV file, as FILE (standard input; data/load.csv on a terminal)' },
    columns: {
      kind: 'text',
      value: 'TIME,VALUE',
      help: 'the columns of time and value, by name; one name alone is that of the value',
      initial: 'timestamp,value',
    },
    invalid: {
      kind: 'text',
      choices: ['error', 'skip', 'carry'],
      help: 'a cell without a number: an error, its row is skipped, or the number before is taken',
      initial: 'error',
    },
    seed: { kind: 'seed', help: 'seed of the first weights', initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per row and nothing else' },
  },
  async run({ data, columns, seed, json, invalid }, file) {
    const names = columnsOf(columns);
    if (data !== undefined && file !== undefined) throw new UsageError('--data: the file is given twice');
    const shipped = process.stdin.isTTY ? bundledFile('load.csv') : undefined;
    const path = data ?? file ?? shipped;
    if (path !== undefined) checkReadable(path);
    const inFlight = credit({ high: 256, low: 128 }); // rows waiting for a slow reader
    const demand = yielding(inFlight);
    const picture = strip(terminalColumns());
    const value = valueReader(names.value, invalid);
    let rows = 0;
    let alarms = 0;
    let failure: { readonly reason: unknown } | undefined;
    const row$: Observable<Measurement> =
      path === undefined
        ? stdinLines({ demand }).pipe(
            map(measure(names, value.read)),
            filter((row) => row !== undefined),
          )
        : csv(path, {
            columns: names.time === undefined ? [names.value] : [names.time, names.value],
            delimiter: 'auto',
            demand,
          }).pipe(
            map((row) => measurementOf(row, names, value.read)),
            filter((row) => row !== undefined),
          );
    const order = timeOrder(names.time ?? '', { even: false });
    const written$ = row$.pipe(
      tap(({ timestamp }) => order.add(timestamp)),
      catchError((reason: unknown) => {
        failure = { reason };
        return EMPTY; // what came before is scored and printed
      }),
      detector(seed),
      tap((detected) => {
        rows += 1;
        if (detected.score >= 0.5) alarms += 1;
        if (!json) picture.add(detected);
      }),
      concatMapBounded(inFlight, (detected) => {
        if (json) return write(safeJson(detected));
        return detected.score >= 0.5 ? write(alarmText(detected)) : EMPTY;
      }),
      takeUntil(closed()),
      takeUntil(interrupted({ say: 'ending' })),
    );
    await lastValueFrom(written$, { defaultValue: undefined });
    if (!json && rows > 0) console.log(`\n${picture.text()}\n\n${amount(rows, 'row')}, ${amount(alarms, 'alarm')}`);
    if (value.invalid() > 0) {
      const what = invalid === 'skip' ? 'skipped' : 'given the number before';
      const rowsWithout = amount(value.invalid(), 'row without a number', 'rows without a number');
      console.error(visible(`${rowsWithout} in ${names.value} ${value.invalid() === 1 ? 'was' : 'were'} ${what}`));
    }
    const complaint = order.complaint();
    if (complaint !== undefined) console.error(visible(complaint));
    if (failure) throw failure.reason;
    if (rows === 0) console.error(visible(`no rows in ${path ?? 'standard input'}: there is nothing to score`));
  },
});

function alarmText({ timestamp, value, predicted, score }: Detected): string {
  const when = timestamp === '' ? '' : `${visible(timestamp)}  `;
  return `${when}${value} where ${predicted.toPrecision(5)} was predicted (score ${score.toFixed(2)})`;
}

/** The columns of a metric, by name. */
interface Columns {
  /** Absent where rows have no time. */
  readonly time: string | undefined;
  readonly value: string;
}

function columnsOf(given: string): Columns {
  const names = given.split(',').map((name) => name.trim());
  const [first, second] = names;
  if (names.length > 2 || names.includes('') || first === second) {
    throw new UsageError(`--columns must be TIME,VALUE or VALUE, got ${given}`);
  }
  return second === undefined ? { time: undefined, value: first! } : { time: first!, value: second };
}

type Invalid = 'error' | 'skip' | 'carry';

/** The number of a cell, of which `where` says where it is; undefined where its row is to be skipped. */
type Value = (cell: string, where: string) => number | undefined;

/** Reads cells, and counts those without a number. */
function valueReader(name: string, policy: Invalid): { readonly read: Value; readonly invalid: () => number } {
  let before: number | undefined; // none before the first: that row is skipped
  let invalid = 0;
  return {
    read(cell, where) {
      const value = cell.trim() === '' ? NaN : Number(cell);
      if (Number.isFinite(value)) return (before = value);
      if (policy === 'error') {
        const got = JSON.stringify(cell.slice(0, 60));
        throw new UsageError(`${where}: ${name} must be a number, got ${got}; --invalid skip passes over such rows`);
      }
      invalid += 1;
      return policy === 'carry' ? before : undefined;
    },
    invalid: () => invalid,
  };
}

/** Reads the rows of `csv`, whose header names the columns. */
function measurementOf(row: Row, names: Columns, read: Value): Measurement | undefined {
  const value = read(row[names.value]!, rowOrigin(row)!);
  return value === undefined ? undefined : { timestamp: names.time === undefined ? '' : row[names.time]!, value };
}

/** Reads lines of standard input: a header, if the first is one, says where the columns are. */
function measure(
  { time, value: name }: Columns,
  read: Value,
): (line: string, index: number) => Measurement | undefined {
  let [timeAt, valueAt, width] = [-1, -1, 0];
  return (line, index) => {
    if (line.trim() === '') return undefined;
    const cells = line.split(',').map((cell) => cell.trim());
    if (width === 0) {
      width = cells.length;
      [timeAt, valueAt] = [time === undefined ? -1 : cells.indexOf(time), cells.indexOf(name)];
      if (valueAt >= 0) return undefined;
      if (width > 2) {
        const wanted = time === undefined ? `column ${name}` : `columns ${time} and ${name}`;
        throw new UsageError(`standard input: the first line must name the ${wanted}`);
      }
      [timeAt, valueAt] = [width - 2, width - 1];
    }
    if (cells.length !== width) {
      throw new UsageError(`standard input, line ${index + 1}: ${width} fields expected, got ${cells.length}`);
    }
    const value = read(cells[valueAt]!, `standard input, line ${index + 1}`);
    return value === undefined ? undefined : { timestamp: timeAt >= 0 ? cells[timeAt]! : '', value };
  };
}
