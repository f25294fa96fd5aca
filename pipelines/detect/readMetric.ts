import { filter, map, type Observable } from 'rxjs';
import { csv, decimalNumber, type Demand, rowOrigin, stdinLines } from '../../src/index.js';
import { amount } from '../cli/amount.js';
import { asOptions } from '../cli/asOptions.js';
import { checkTextLines } from '../cli/checkTextLines.js';
import { columnNamed } from '../cli/columnNamed.js';
import { UsageError } from '../cli/command.js';
import type { Measurement } from './detector.js';

/** The columns of a metric, by name. */
interface MetricColumns {
  /** Absent where rows have no time, or no label. */
  readonly time: string | undefined;
  readonly label: string | undefined;
  readonly value: string;
}

/** How a metric is read. */
export interface ReadMetricOptions {
  readonly columns: MetricColumns;
  readonly invalid: 'error' | 'skip' | 'carry';
  readonly decimal: '.' | ',';
  readonly demand: Demand;
  /** Is given what is to be said of the rows. */
  warn(message: string): void;
}

/** A measurement that may be labelled as an anomaly. */
interface LabelledMeasurement extends Measurement {
  readonly isAnomaly: boolean;
}

/** The rows of a metric as they come, and how many had no number so far. */
export interface Metric {
  readonly row$: Observable<LabelledMeasurement>;
  readonly invalid: () => number;
}

/** Reads the rows of a CSV file, or without a path those of standard input, where the header may be left out. */
export function readMetric(path: string | undefined, options: ReadMetricOptions): Metric {
  const { columns, demand } = options;
  const value = valueReader(options);
  const measure = ({ time = '', value: cell, label = '' }: Cells, where: string): LabelledMeasurement | undefined => {
    const number = value.read(cell, where);
    return number === undefined ? undefined : { timestamp: time, value: number, isAnomaly: isLabelled(label, where) };
  };
  const { time, label } = columns;
  const names = [time, columns.value, label].filter((name) => name !== undefined);
  let keys: ReadonlyMap<string, string> = new Map(); // the names in the header
  const chosen = (header: readonly string[]): readonly string[] => {
    const missing = names.find((name) => columnNamed(header, name) === undefined);
    if (missing !== undefined) {
      const option = missing === label ? '--label' : '--columns';
      throw new UsageError(`${path}: there is no column ${missing}, only ${header.join(', ')}; ${option} names others`);
    }
    keys = new Map(names.map((name) => [name, columnNamed(header, name)!]));
    return [...keys.values()];
  };
  const row$ =
    path === undefined
      ? stdinLines({ demand }).pipe(checkTextLines('standard input'), map(cellsOfLines(options, measure)))
      : csv(path, { columns: chosen, delimiter: 'auto', demand }).pipe(
          map((row) => {
            const cell = (name: string): string => row[keys.get(name)!]!;
            const cells = { time: time && cell(time), value: cell(columns.value), label: label && cell(label) };
            return measure(cells, rowOrigin(row)!);
          }),
        );
  return { row$: row$.pipe(filter((row) => row !== undefined)), invalid: value.invalid };
}

/** The cells of a row that are read. */
interface Cells {
  readonly time?: string | undefined;
  readonly value: string;
  readonly label?: string | undefined;
}

/** Reads the numbers of cells, of which `where` says where they are, and counts those without one. */
function valueReader({ columns, invalid: policy, decimal }: ReadMetricOptions): {
  /** Undefined where the row is to be skipped. */
  readonly read: (cell: string, where: string) => number | undefined;
  readonly invalid: () => number;
} {
  const { value: name } = columns;
  let before: number | undefined; // none before the first: that row is skipped
  let invalid = 0;
  return {
    read(cell, where) {
      const value = numberOf(cell, `${where}: ${name}`);
      if (!Number.isNaN(value)) return (before = value);
      if (policy === 'error') {
        const got = JSON.stringify(cell.slice(0, 60));
        throw new UsageError(`${where}: ${name} must be a number, got ${got}; --invalid skip passes over such rows`);
      }
      invalid += 1;
      return policy === 'carry' ? before : undefined;
    },
    invalid: () => invalid,
  };

  function numberOf(cell: string, where: string): number {
    try {
      return decimalNumber(cell, { decimal });
    } catch (error) {
      throw new UsageError(asOptions(`${where}: ${(error as Error).message}`), { cause: error });
    }
  }
}

function isLabelled(cell: string, where: string): boolean {
  const label = cell.trim().toLowerCase();
  if (['', '0', 'false'].includes(label)) return false;
  if (['1', 'true'].includes(label)) return true;
  throw new UsageError(`${where}: a label must be 0 or 1, or true or false, got ${JSON.stringify(cell.slice(0, 60))}`);
}

/** Reads lines of standard input: a header, if the first is one, says where the columns are. */
function cellsOfLines(
  { columns, decimal, warn }: ReadMetricOptions,
  measure: (cells: Cells, where: string) => LabelledMeasurement | undefined,
): (line: string, index: number) => LabelledMeasurement | undefined {
  const { time, value, label } = columns;
  let places: Readonly<Record<'time' | 'value' | 'label', number>> | undefined;
  let [delimiter, width] = ['', 0];
  return (text, index) => {
    const line = index === 0 ? text.replace(/^\ufeff/, '') : text;
    if (line.trim() === '') return undefined;
    const where = `standard input, line ${index + 1}`;
    if (!places) delimiter = delimiterOf(line, decimal);
    const cells = line.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    if (!places) {
      width = cells.length;
      if (decimal === ',' && width === 1) checkOneNumber(cells[0]!, where);
      const at = (name: string | undefined): number => (name === undefined ? -1 : cells.indexOf(name));
      places = { time: at(time), value: at(value), label: at(label) };
      if (places.value >= 0) {
        for (const name of [time, label]) {
          if (name === undefined || at(name) >= 0 || (name === time && width === 1)) continue;
          throw new UsageError(`${where}: there is no column ${name}, only ${cells.join(', ')}`);
        }
        return undefined;
      }
      if (width > 2 || label !== undefined) {
        const wanted = [time, value, label].filter((name) => name !== undefined);
        const list =
          wanted.length > 1 ? `columns ${wanted.slice(0, -1).join(', ')} and ${wanted.at(-1)}` : `column ${value}`;
        throw new UsageError(`standard input: the first line must name the ${list}`);
      }
      places = { time: width - 2, value: width - 1, label: -1 };
      if (delimiter === ',' && /^[+-]?\d{1,8},\d+$/.test(line.trim())) {
        warn(
          `standard input has no header: the time of ${line.trim()} is ${cells[0]}, its value ${cells[1]}; --decimal , reads one number`,
        );
      }
    }
    if (cells.length !== width)
      throw new UsageError(`${where}: ${amount(width, 'field')} expected, got ${cells.length}`);
    return measure({ time: cells[places.time], value: cells[places.value]!, label: cells[places.label] }, where);
  };
}

/** Refuses columns between commas where numbers have commas, too. */
function checkOneNumber(line: string, where: string): void {
  const parts = line.split(',');
  if (parts.length === 1 || !parts.some((part) => Number.isNaN(Number(part)))) return;
  throw new UsageError(
    `${where}: commas separate columns here, and with --decimal , they are in numbers: leave out --decimal , or separate columns by semicolons or tabs`,
  );
}

/** The delimiter of lines by the first: a comma, unless that is the decimal mark, else a semicolon, else a tab. */
function delimiterOf(line: string, decimal: '.' | ','): string {
  const candidates = decimal === ',' ? [';', '\t'] : [',', ';', '\t'];
  return candidates.find((delimiter) => line.includes(delimiter)) ?? candidates[0]!;
}
