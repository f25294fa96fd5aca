import { noteOrigin } from '../check/originOf.js';
import { listNames } from '../check/listNames.js';
import { checkDemand } from '../flow/checkDemand.js';
import { closeCursor } from '../flow/closeCursor.js';
import { createRequire } from 'node:module';
import { pipeline, Readable } from 'node:stream';
import type * as FastCsv from 'fast-csv';
import type { Observable } from 'rxjs';
import { callable } from '../check/callable.js';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { show } from '../check/show.js';
import type { Demand } from '../flow/demand.js';
import type { Cursor } from '../flow/openCursor.js';
import { pull } from '../flow/pull.js';
import { csvDelimiter } from './csvDelimiter.js';
import { type Guard, guard } from './csvGuard.js';
import { file } from './file.js';
import { type Parser, parseChunks } from './parseChunks.js';
import { readable } from './readable.js';

/** A record by column name: only the columns asked for, without a prototype. */
export type Row = Readonly<Record<string, string>>;

/** A record that has more or fewer fields than the header. */
export interface InvalidRow {
  /** The line where the record begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** The message of the error that it would have been. */
  readonly reason: string;
}

/** How a CSV file is read. */
export interface CsvOptions {
  /**
   * The columns to read, by their names in the header; at least one, in any order. A function chooses them when it is
   * given the names in the header; what it throws is the error of the rows.
   */
  readonly columns: readonly string[] | ((header: readonly string[]) => readonly string[]);
  /** When to read on; without one, as fast as the call stack downstream allows. */
  readonly demand?: Demand | undefined;
  /**
   * The character between fields; a comma by default. `auto` takes it from the header: a comma where there is one outside
   * of quotes, else a semicolon, else a tab.
   */
  readonly delimiter?: string | undefined;
  /** Longest record, in bytes; 1 MiB by default. A longer one is an error before it is parsed, so memory is bounded. */
  readonly maxRecordBytes?: number | undefined;
  /**
   * Called with each record that has more or fewer fields than the header, which is then skipped instead of an error.
   */
  readonly onInvalid?: ((row: InvalidRow) => void) | undefined;
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
 * Empty lines are skipped. A line of nothing but white space is a row in a file of one column; in a file of several,
 * and before the header, it is skipped, too. A byte order mark at the start is dropped. A header alone completes
 * without rows. The file is opened on each subscription, read as it is demanded, and closed on unsubscription.
 *
 * Errors name the file and the line where the record begins, and come after the rows before it: a column that is
 * missing, header names that occur twice or are `__proto__`, too many or too few fields (unless `onInvalid` takes
 * them), a quote that is not closed, text or white space after a
 * closing quote, a record longer than `maxRecordBytes`, invalid UTF-8.
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
export function csv(path: string | URL, given: CsvOptions): Observable<Row> {
  given = options('csv', given, {
    columns: checkColumns,
    demand: optional(checkDemand),
    delimiter: optional(checkDelimiter),
    maxRecordBytes: optional(positiveInteger),
    onInvalid: optional(callable),
  });
  const { columns, demand, delimiter = ',', maxRecordBytes = 0x100000, onInvalid } = given;
  const { name, open } = file('csv', path);
  function read(open: () => Cursor<Uint8Array>, delimiter: string): Cursor<Row> {
    const watch = guard({ name, delimiter, maxRecordBytes });
    const records = readable<readonly string[]>(() => {
      const text = streamOf(parseChunks(open, () => watch.parser)(), watch);
      return pipeline(text, fastCsv().parse({ delimiter }), ignore); // not `.pipe`: who destroys the parser destroys the file
    });
    return parseChunks(records, () => rows(name, columns, watch, onInvalid))();
  }
  return pull(
    delimiter === 'auto' ? csvDelimiter(open(), maxRecordBytes, read) : () => read(open(), delimiter),
    demand,
  );
}

function checkColumns(who: string, option: string, columns: unknown): void {
  if (typeof columns !== 'function') checkNames(who, option, columns);
}

function checkNames(who: string, option: string, columns: unknown): asserts columns is readonly string[] {
  if (!Array.isArray(columns) || !columns.every((column) => typeof column === 'string')) {
    throw new TypeError(`${who}: ${option} must be an array of strings, got ${show(columns)}`);
  }
  if (columns.length === 0) throw new RangeError(`${who}: ${option} must name at least one column, got none`);
  const twice = findRepeated(columns);
  if (twice !== undefined) throw new RangeError(`${who}: ${option} must differ, got ${show(twice)} twice`);
  if (columns.includes('__proto__')) throw new RangeError(`${who}: a column cannot be named "__proto__"`);
}

function checkDelimiter(who: string, option: string, delimiter: unknown): void {
  if (delimiter === 'auto' || (typeof delimiter === 'string' && delimiter.length === 1 && !/["\r\n]/.test(delimiter)))
    return;
  throw new RangeError(`${who}: ${option} must be one character other than a quote, or auto, got ${show(delimiter)}`);
}

const require = createRequire(import.meta.url);

/** Loads fast-csv when a CSV is first read: importing it takes as long as the rest of the library. */
function fastCsv(): typeof FastCsv {
  return require('fast-csv') as typeof FastCsv;
}

function ignore(): void {
  // `readable` reads the error from the parser, which `pipeline` has destroyed with it.
}

/**
 * Makes a stream of a cursor, for the parser. A failure ends it, so that the rows before are still parsed and emitted.
 */
function streamOf(cursor: Cursor<string>, watch: Guard): Readable {
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
      closeCursor(cursor);
      done(error);
    },
  });
  return readable;
}

/** Turns the parser's arrays into rows; throws what the guard or the header finds wrong. */
function rows(
  name: string,
  given: CsvOptions['columns'],
  watch: Guard,
  onInvalid: ((row: InvalidRow) => void) | undefined,
): Parser<readonly string[], Row> {
  let columns = typeof given === 'function' ? [] : given;
  let places: readonly number[] | undefined; // of the columns in a record
  let width = 0;
  let fields: readonly string[] | undefined;
  let over = false;

  function finish(): void {
    if (watch.failure !== undefined) throw watch.failure;
    if (watch.remaining > 0) throw new Error(`${name}: the CSV parser gave fewer records than it was given`);
    if (places === undefined) {
      const expected = columns.length > 0 ? ` with ${listNames(columns, show)}` : '';
      throw new RangeError(`${name}: is empty, expected a header${expected}`);
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
        const where = `${name}, line ${line}`;
        checkHeader(where, record);
        if (typeof given === 'function') {
          columns = given([...record]);
          checkNames('csv', 'columns', columns);
        }
        places = locate(where, columns, record);
        width = record.length;
        return undefined;
      }
      if (record.length === width) {
        const row = pick(record, columns, places);
        noteOrigin(row, name, line);
        return row;
      }
      const reason = `${name}, line ${line}: ${width} ${width === 1 ? 'field' : 'fields'} expected as in the header, got ${record.length}`;
      if (onInvalid === undefined) throw new RangeError(reason);
      onInvalid({ line, fields: record, reason });
      return undefined;
    },
  };
}

function checkHeader(where: string, header: readonly string[]): void {
  const twice = findRepeated(header);
  if (twice !== undefined) throw new RangeError(`${where}: column ${show(twice)} is twice in the header`);
  if (header.includes('__proto__')) throw new RangeError(`${where}: a column cannot be named "__proto__"`);
}

function locate(where: string, columns: readonly string[], header: readonly string[]): readonly number[] {
  const places = new Map(header.map((name, place) => [name, place]));
  return columns.map((column) => {
    const place = places.get(column);
    if (place !== undefined) return place;
    throw new RangeError(`${where}: there is no column ${show(column)}, only ${listNames(header, show)}`);
  });
}

function pick(record: readonly string[], columns: readonly string[], places: readonly number[]): Row {
  const row = Object.create(null) as Record<string, string>;
  for (let i = 0; i < columns.length; i++) row[columns[i]!] = record[places[i]!]!;
  return row;
}

function findRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return name;
    if (name !== '') seen.add(name); // nameless columns, as after a trailing comma, may repeat
  }
  return undefined;
}
