// CSV files as another program writes them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { csv, type Row } from '../../src/source/csv.js';
import { all, folder } from './temporary.js';

interface Dialect {
  readonly quoteAll: boolean;
  readonly ending: '\n' | '\r\n';
  readonly delimiter: string;
}

/** Python's csv.writer with doublequote and QUOTE_MINIMAL or QUOTE_ALL: one field. */
function written(field: string, alone: boolean, { quoteAll, delimiter }: Dialect): string {
  const special = [delimiter, '"', '\r', '\n'].some((one) => field.includes(one));
  return quoteAll || special || (alone && field === '') ? `"${field.split('"').join('""')}"` : field;
}

function fileOf(records: readonly (readonly string[])[], dialect: Dialect): string {
  return records
    .map((record) => record.map((field) => written(field, record.length === 1, dialect)).join(dialect.delimiter))
    .map((line) => line + dialect.ending)
    .join('');
}

/** Rows as plain arrays. */
export function fields(rows: readonly Row[], columns: readonly string[]): string[][] {
  return rows.map((row) => columns.map((column) => row[column]!));
}

const field = fc
  .array(fc.constantFrom('a', 'b', ' ', '  ', '\t', '"', ',', ';', '\n', '\r', '\r\n', '\u00a0', '\ufeff', 'é', '\0'), {
    maxLength: 4,
  })
  .map((units) => units.join(''));
const table = fc
  .integer({ min: 1, max: 3 })
  .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 4 }));
const dialect = fc.record({
  quoteAll: fc.boolean(),
  ending: fc.constantFrom('\n' as const, '\r\n' as const),
  delimiter: fc.constantFrom(',', ';', '\t', ' '),
});

/** A table of one to three columns, and how it is written. */
export const foreignCsv: fc.Arbitrary<{ readonly records: string[][]; readonly dialect: Dialect }> = fc.record({
  records: table,
  dialect,
});

/** Fails where the table, written and read by `csv`, is not the same. */
export async function comesBack({
  records,
  dialect,
}: {
  readonly records: string[][];
  readonly dialect: Dialect;
}): Promise<void> {
  const path = join(folder, 'foreign.csv');
  const columns = records[0]!.map((_, i) => `column ${i}`);
  writeFileSync(path, fileOf([columns, ...records], dialect));
  const { delimiter } = dialect;
  assert.equal(fields(await all(csv(path, { columns, delimiter })), columns), records);
}
