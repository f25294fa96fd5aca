import { pipeline, Readable } from 'node:stream';
import type { Observable } from 'rxjs';
import type { Demand } from '../flow/demand.js';
import { type Cursor, pull } from '../flow/pull.js';
import { type Guard, guard } from './csvGuard.js';
import { fastCsv } from './fastCsv.js';
import { file } from './file.js';
import { type Parser, parsed } from './parsed.js';
import { readable } from './readable.js';

/** A record by column: the columns asked for and no others, without a prototype. */
export type Row = Readonly<Record<string, string>>;

/** A record that has more or fewer fields than the header. */
export interface InvalidRow {
  /** The line where the record begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** The text of the error that it would have been. */
  readonly reason: string;
}

/** How a CSV file is read. */
export interface CsvOptions {
  /** The columns to read, by the names in the header; any order, at least one. */
  readonly columns: readonly string[];
  /** When to read on; without one, as fast as the call stack downstream allows. */
  readonly demand?: Demand;
  /** The character between fields; a comma by default. */
  readonly delimiter?: string;
  /** Longest record, in bytes; 1 MiB by default. A longer one is an error before it is parsed, so memory is bounded. */
  readonly maxRecordBytes?: number;
  /** Given, it takes the records whose number of fields is not the header's, which are then skipped. */
  readonly onInvalid?: (row: InvalidRow) => void;
}

/**
 * Emits the rows of a CSV file of UTF-8 whose first record is its header.
 *
 * ```
 * csv('names.csv', { columns: ['name'] })  -a-b-c-|     a = { name: 'Aachenosaurus' }
 * ```
 *
 * Fields are strings, as RFC 4180 says: white space belongs to them, and a quote opens a quoted field where it is the
 * field's first character; elsewhere it is text, so that ` "x" y` is a field of those six characters. Quoted fields may
 * hold delimiters, doubled quotes and line endings. Python's `csv.reader(file, strict=True)` reads the same fields.
 *
 * Empty lines are skipped. A line of nothing but white space is a row in a file of one column; in a file of several, and
 * before the header, it is skipped, too. A byte order mark at the start is dropped. A header alone completes without
 * rows. The file is opened on each subscription, read as it is demanded, and closed on unsubscription.
 *
 * Errors name the file and the line where the record begins, and come after the rows before it: a column that is
 * missing, header names that are twice there or `__proto__`, too many or too few fields (unless `onInvalid` takes
 * them), a quote that is not closed, text or white space after a closing quote, a record above `maxRecordBytes`, invalid UTF-8.
 *
 * ```ts
 * import { take } from 'rxjs';
 * import { csv } from 'rxrnn';
 *
 * csv('data/dinosaurs.csv', { columns: ['name'] })
 *   .pipe(take(1))
 *   .subscribe(({ name }) => console.log(name));
 * // -> aachenosaurus
 * ```
 */
export function csv(path: string | URL, options: CsvOptions): Observable<Row> {
  const { columns, demand, delimiter = ',', maxRecordBytes = 0x100000, onInvalid } = options;
  check(columns, delimiter, maxRecordBytes);
  const { name, open } = file('csv', path);
  return pull(() => {
    const watch = guard({ name, delimiter, maxRecordBytes });
    const records = readable<readonly string[]>(() => {
      const text = stream(parsed(open(), () => watch.parser)(), watch);
      return pipeline(text, fastCsv().parse({ delimiter }), ignore); // not `.pipe`: who destroys the parser destroys the file
    });
    return parsed(records, () => rows(name, columns, watch, onInvalid))();
  }, demand);
}

function check(columns: readonly string[], delimiter: string, maxRecordBytes: number): void {
  if (!Array.isArray(columns) || !columns.every((column) => typeof column === 'string')) {
    throw new TypeError(`csv: columns must be an array of strings, got ${JSON.stringify(columns)}`);
  }
  if (columns.length === 0) throw new RangeError('csv: columns must name at least one column, got none');
  const twice = repeated(columns);
  if (twice !== undefined) throw new RangeError(`csv: columns must differ, got ${JSON.stringify(twice)} twice`);
  if (columns.includes('__proto__')) throw new RangeError('csv: a column cannot be named "__proto__"');
  if (typeof delimiter !== 'string' || delimiter.length !== 1 || /["\r\n]/.test(delimiter)) {
    throw new RangeError(`csv: delimiter must be one character other than a quote, got ${JSON.stringify(delimiter)}`);
  }
  if (!(Number.isInteger(maxRecordBytes) && maxRecordBytes >= 1)) {
    throw new RangeError(`csv: maxRecordBytes must be a positive integer, got ${maxRecordBytes}`);
  }
}

function ignore(): void {
  // `readable` reads the error from the parser, which `pipeline` has destroyed with it.
}

/** A cursor as a stream for the parser. A failure ends it, so that the rows before are still parsed and emitted. */
function stream(cursor: Cursor<string>, watch: Guard): Readable {
  function push(step: IteratorResult<string, unknown>): void {
    readable.push(step.done === true ? null : step.value);
  }
  function fail(error: unknown): void {
    watch.failure = error;
    readable.push(null);
  }
  const readable = new Readable({
    objectMode: true,
    highWaterMark: 1,
    read() {
      try {
        const step = cursor.next();
        if ('then' in step) step.then(push, fail);
        else push(step);
      } catch (error) {
        fail(error);
      }
    },
    destroy(error, done) {
      cursor.return?.();
      done(error);
    },
  });
  return readable;
}

/** Turns the parser's arrays into rows, and what the guard or the header has against them into errors. */
function rows(
  name: string,
  columns: readonly string[],
  watch: Guard,
  onInvalid: ((row: InvalidRow) => void) | undefined,
): Parser<readonly string[], Row> {
  let places: readonly number[] | undefined; // of the columns in a record
  let width = 0;
  let fields: readonly string[] | undefined;
  let over = false;

  function finish(): void {
    if (watch.failure !== undefined) throw watch.failure;
    if (watch.remaining > 0) throw new Error(`${name}: the CSV parser gave fewer records than it was given`);
    if (places === undefined) {
      throw new RangeError(`${name}: is empty, expected a header with ${listed(columns)}`);
    }
  }
  return {
    push(record) {
      fields = record;
      over = record === undefined;
    },
    take() {
      if (over) finish();
      if (fields === undefined) return undefined;
      const record = fields;
      fields = undefined;
      const line = watch.nextLine();
      if (places === undefined) {
        places = located(`${name}, line ${line}`, columns, record);
        width = record.length;
        return undefined;
      }
      if (record.length === width) return picked(record, columns, places);
      const reason = `${name}, line ${line}: ${width} fields expected as in the header, got ${record.length}`;
      if (onInvalid === undefined) throw new RangeError(reason);
      onInvalid({ line, fields: record, reason });
      return undefined;
    },
  };
}

function located(where: string, columns: readonly string[], header: readonly string[]): readonly number[] {
  const twice = repeated(header);
  if (twice !== undefined) throw new RangeError(`${where}: column ${quoted(twice)} is twice in the header`);
  if (header.includes('__proto__')) throw new RangeError(`${where}: a column cannot be named "__proto__"`);
  return columns.map((column) => {
    const place = header.indexOf(column);
    if (place >= 0) return place;
    throw new RangeError(`${where}: there is no column ${quoted(column)}, only ${listed(header)}`);
  });
}

function picked(record: readonly string[], columns: readonly string[], places: readonly number[]): Row {
  const row = Object.create(null) as Record<string, string>;
  for (let i = 0; i < columns.length; i++) row[columns[i]!] = record[places[i]!]!;
  return row;
}

function repeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return name;
    if (name !== '') seen.add(name); // nameless columns, as after a last comma, are no trouble
  }
  return undefined;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map(quoted).join(', ');
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
