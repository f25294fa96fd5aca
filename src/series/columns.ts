import type { OperatorFunction } from 'rxjs';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { originOf } from '../check/originOf.js';
import { show } from '../check/show.js';
import { operator } from '../flow/operator.js';
import type { DecimalNumberOptions } from './decimalNumber.js';
import { readDecimal } from './readDecimal.js';

/** How cells are written, and what happens to one that is not a number. */
export interface ColumnsOptions extends DecimalNumberOptions {
  /**
   * `error` (the default) ends the stream with a TypeError that names the cell and where it comes from; `skip` leaves its
   * row out; `carry` takes the number that its column had in the row before, and leaves rows out until each column has
   * had one.
   */
  readonly invalid?: 'error' | 'skip' | 'carry';
}

/** A row of a table: an object by column name, as `csv` emits, or an array by index. */
export type TableRow = Readonly<Record<string | number, unknown>>;

/**
 * Takes columns of a table as rows of numbers, in the order given: of the rows of `csv`, of any objects, or of arrays,
 * whose columns are indices.
 *
 * ```
 * rows               -a-b-c-|     a = { load: '3.5', heat: '21', note: 'x' }
 * columns('load', 'heat')
 *                    -x-y-z-|     x = [3.5, 21]
 * ```
 *
 * A cell is a finite number, or a text that writes one in decimal, such as `3.5`, ` -2e3`; anything else, an empty cell
 * too, is not. A number with a decimal comma, unless the option `decimal` is one, or with separators of thousands is a
 * RangeError whatever `invalid` is. The last argument may be options. A TypeError at once where no column is named; one that names file and
 * line, where `csv` has read the row, or the index of the row, for what is not a number and for a row that is not an
 * object.
 *
 * ```ts
 * import { of } from 'rxjs';
 * import { columns } from 'rxrnn';
 *
 * of({ a: '1', b: '2' }, { a: '', b: '3' }, { a: '4', b: '5' })
 *   .pipe(columns('a', 'b', { invalid: 'carry' }))
 *   .subscribe((row) => console.log(row.join(' ')));
 * // -> 1 2
 * // -> 1 3
 * // -> 4 5
 * ```
 */
export function columns(
  ...given: readonly (string | number)[] | readonly [...(string | number)[], ColumnsOptions]
): OperatorFunction<TableRow, number[]> {
  const last = given.at(-1);
  const options: ColumnsOptions = typeof last === 'object' ? last : {};
  const names = (typeof last === 'object' ? given.slice(0, -1) : given) as readonly (string | number)[];
  if (Array.isArray(last)) {
    throw new TypeError(`columns: the names come one by one, such as columns('a', 'b'), got the list ${show(last)}`);
  }
  const { invalid = 'error', decimal = '.' } = checkOptions('columns', options, {
    invalid: optional(oneOf('error', 'skip', 'carry')),
    decimal: optional(oneOf('.', ',')),
  });
  if (names.length === 0) throw new TypeError('columns: needs the name of at least one column, got none');
  for (const name of names) {
    if (typeof name === 'string' || typeof name === 'number') continue;
    throw new TypeError(`columns: a column must be a name or an index, got ${show(name)}`);
  }

  return operator((subscriber) => {
    let index = -1;
    let before: readonly number[] = names.map(() => NaN);
    return {
      next(row) {
        index += 1;
        if (typeof row !== 'object' || row === null) {
          throw new TypeError(`columns: row ${index} must be an object or an array, got ${show(row)}`);
        }
        let complete = true;
        const numbers = names.map((name, i) => {
          const number = numberOf(row, index, name, decimal);
          if (!Number.isNaN(number)) return number;
          if (invalid === 'error') throw notANumber(row, index, name);
          complete = false;
          return invalid === 'carry' ? before[i]! : NaN;
        });
        if (invalid === 'carry') {
          before = numbers;
          complete = !numbers.some(Number.isNaN);
        }
        if (complete) subscriber.next(numbers);
      },
    };
  });
}

/** The number in a cell, NaN where there is none. */
function numberOf(
  row: TableRow,
  index: number,
  name: string | number,
  decimal: NonNullable<DecimalNumberOptions['decimal']>,
): number {
  const cell = row[name];
  if (typeof cell !== 'string') return typeof cell === 'number' && Number.isFinite(cell) ? cell : NaN;
  try {
    return readDecimal(cell, decimal);
  } catch (error) {
    throw new RangeError(`columns: ${placeOf(row, index)}: ${show(String(name))}: ${(error as Error).message}`, { cause: error }); // prettier-ignore
  }
}

function placeOf(row: TableRow, index: number): string {
  return originOf(row) ?? `row ${index}`;
}

function notANumber(row: TableRow, index: number, name: string | number): TypeError {
  const cell = row[name];
  const got = cell === undefined ? 'none' : show(cell);
  return new TypeError(
    `columns: ${placeOf(row, index)}: ${show(String(name))} must be a number, got ${got}; { invalid: 'skip' } leaves such rows out, ` +
      "{ invalid: 'carry' } takes the number before",
  );
}
