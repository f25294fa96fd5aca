import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeToString } from 'fast-csv';
import * as fc from 'fast-check';
import { Subject, take } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requested } from '../../src/flow/demand.js';
import type { Cursor } from '../../src/flow/openCursor.js';
import { pull } from '../../src/flow/pull.js';
import { csv, type CsvOptions, type InvalidRow, type Row } from '../../src/source/csv.js';
import { csvDelimiter } from '../../src/source/csvDelimiter.js';
import { guard } from '../../src/source/csvGuard.js';
import { parseChunks } from '../../src/source/parseChunks.js';
import { processorTime } from '../support/processorTime.js';
import { all, chunks, cutAt, fileClosed, folder, outcome, temporary } from './temporary.js';

/** Rows as plain arrays. */
function fields(rows: readonly Row[], ...columns: string[]): (string | undefined)[][] {
  return rows.map((row) => columns.map((column) => row[column]));
}

async function read(content: string | Uint8Array, ...columns: string[]): Promise<(string | undefined)[][]> {
  return fields(await all(csv(temporary(content), { columns })), ...columns);
}

for (const [name, content, expected] of [
  [
    'plain records',
    'a,b\n1,2\n3,4\n',
    [
      ['1', '2'],
      ['3', '4'],
    ],
  ],
  ['a last record without an ending', 'a,b\n1,2', [['1', '2']]],
  [
    'CRLF and CR',
    'a,b\r\n1,2\r3,4\r\n',
    [
      ['1', '2'],
      ['3', '4'],
    ],
  ],
  ['a header alone', 'a,b\n', []],
  ['a header alone, without an ending', 'a,b', []],
  ['a byte order mark, which is dropped', '\ufeffa,b\n\ufeff1,2\n', [['\ufeff1', '2']]],
  [
    'empty fields',
    'a,b\n,\n1,\n,2\n',
    [
      ['', ''],
      ['1', ''],
      ['', '2'],
    ],
  ],
  [
    'blank lines, which are skipped',
    '\n \na,b\n\n1,2\r\n\r\n\n3,4\n\t\n',
    [
      ['1', '2'],
      ['3', '4'],
    ],
  ],
  ['quoted fields', '"a",b\n"1","x ""y"", z"\n', [['1', 'x "y", z']]],
  ['endings inside quotes', 'a,b\n"1\r\n2\n3\r4",5\n', [['1\r\n2\n3\r4', '5']]],
  ['white space before a quote, which is then text', 'a,b\n "1" ,\t"2"\t\n', [[' "1" ', '\t"2"\t']]],
  ['a quote that white space and text surround', 'a,b\n "x" y,"2"\n', [[' "x" y', '2']]],
  ['a lone quote behind white space', 'a,b\n ",\u00a0"",\n'.replace(',\n', '\n'), [[' "', '\u00a0""']]],
  ['a quote inside an unquoted field, as text', 'a,b\n1"x",5\' 6"\n', [['1"x"', '5\' 6"']]],
  ['the columns asked for, in any place', 'x,b,y,a\n0,2,0,1\n', [['1', '2']]],
  ['white space in fields', 'a,b\n 1 ,2 \n', [[' 1 ', '2 ']]],
  ['nameless columns', 'a,,b,,\n1,x,2,,\n', [['1', '2']]],
  ['emoji', 'a,b\n\u{1f600},é\n', [['\u{1f600}', 'é']]],
] as const) {
  test(`reads ${name}`, async () => assert.equal(await read(content, 'a', 'b'), expected));
}

test('reads a single column with an empty quoted field', async () => {
  assert.equal(await read('a\n""\nx\n', 'a'), [[''], ['x']]);
});

test('takes another delimiter', async () => {
  const path = temporary('a\tb\n1\t"2\t3"\n\t\n');
  assert.equal(fields(await all(csv(path, { columns: ['a', 'b'], delimiter: '\t' })), 'a', 'b'), [
    ['1', '2\t3'],
    ['', ''],
  ]);
});

for (const [text, rows] of [
  ['a,b\n1,2\n', [['1', '2']]],
  ['\ufeff"a";"b ""kW"", x"\r\n1;2\r\n', [['1', '2']]],
  ['\t\n \na\tb;c\n1\t2;3\n', [['1\t2', '3']]],
  ['a\tb\n\n1\t2\n', [['1', '2']]],
  ['a,b;c\n1,2;3', [['1', '2;3']]],
  ['"a,\n;";b\n1;2', [['1', '2']]],
  ['5" pipe;b\n1;2', [['1', '2']]],
  ['value\n1\n', [['1']]],
  ['a;b', []],
] as const) {
  test(`finds the delimiter, and gives the header to a function: ${JSON.stringify(text)}`, async () => {
    let names: readonly string[] = [];
    const columns = (header: readonly string[]): readonly string[] => (names = header);
    const found = await all(csv(temporary(text), { columns, delimiter: 'auto' }));
    assert.equal(fields(found, ...names), rows);
  });
}

test('finds the delimiter for any chunks, at once or later, and closes what it reads', async () => {
  const bytes = new TextEncoder().encode('\n"a;\n";"b"\r\n1;2\r\n');
  for (let cut = 0; cut <= bytes.length; cut++) {
    for (const later of [false, true]) {
      const found: string[] = [];
      const open = chunks(cutAt(bytes, [cut, 3]), later);
      const cursor = csvDelimiter(open, 100, (open, delimiter) => (found.push(delimiter), open()));
      const read = await all(pull(cursor));
      assert.equal([found, Buffer.concat(read).toString()], [[';'], new TextDecoder().decode(bytes)]);
    }
  }
  let closed = 0;
  const endless = () => ({ next: () => ({ value: bytes.subarray(1, 4), done: false }), return: () => closed++ });
  const read = await all(pull(csvDelimiter(endless, 100, (open) => open())).pipe(take(40)));
  assert.equal([read.length, closed], [40, 1]);
});

test('what chooses the columns may refuse them, and its choice is checked', async () => {
  const path = temporary('a,b\n1,2\n');
  const refuse = (header: readonly string[]): string[] => {
    throw new Error(`not ${header.join(' ')}`);
  };
  assert.is((await outcome(csv(path, { columns: refuse }))).error?.message, 'not a b');
  assert.match(
    (await outcome(csv(path, { columns: () => [] }))).error!.message,
    /^csv: columns must name at least one/,
  );
  assert.match((await outcome(csv(path, { columns: () => ['c'] }))).error!.message, /there is no column "c"/);
  const empty = (await outcome(csv(temporary(''), { columns: refuse, delimiter: 'auto' }))).error;
  assert.match(empty!.message, /is empty, expected a header$/);
});

test('a row has no prototype and the columns asked for alone', async () => {
  const [row] = await all(csv(temporary('a,constructor,b\n1,2,3\n'), { columns: ['constructor', 'a'] }));
  assert.is(Object.getPrototypeOf(row), null);
  assert.equal(Object.entries(row!), [
    ['constructor', '2'],
    ['a', '1'],
  ]);
});

test('what fast-csv writes is read back, for any fields', async () => {
  const field = fc.array(fc.constantFrom('a', '"', ',', '\n', '\r', '\r\n', ' ', 'é', '\u{1f600}', "'"), {
    maxLength: 5,
  });
  const row = fc.array(
    field.map((units) => units.join('')),
    { minLength: 2, maxLength: 2 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (records) => {
      const content = await writeToString(records, {
        headers: ['a', 'b'],
        alwaysWriteHeaders: true,
        quoteColumns: true,
      });
      assert.equal(await read(content, 'a', 'b'), records);
    }),
    { numRuns: 300 },
  );
});

test('any text gives rows or our own error, and the guard and the parser agree on every record', async () => {
  const unit = fc.constantFrom('a', 'b', '"', '""', ',', '\n', '\r', '\r\n', ' ', '\t', '\u00a0', '\ufeff', 'é');
  await fc.assert(
    fc.asyncProperty(fc.array(unit), async (units) => {
      const invalid: InvalidRow[] = [];
      const path = temporary(`a,b\n${units.join('')}`, 'any.csv');
      const { error } = await outcome(csv(path, { columns: ['a'], onInvalid: (row) => invalid.push(row) }));
      assert.match(
        error?.message ?? '',
        /^$|any\.csv, line \d+: (a quote is not closed|there is (text|white space) after a closing quote)$/,
      );
    }),
    { numRuns: 1000 },
  );
});

test('the guard gives the same records and lines for any chunks', () => {
  const unit = fc.constantFrom('a', '"', '"b,\n"', ',', '\n', '\r', '\r\n', ' ', 'é', '\u{1f600}');
  fc.assert(
    fc.property(fc.array(unit), fc.array(fc.nat()), (units, places) => {
      const bytes = Buffer.from(units.join(''));
      assert.equal(guarded(cutAt(bytes, places)), guarded([bytes]));
    }),
    { numRuns: 3000 },
  );
});

for (const [name, content, columns, message] of [
  ['an empty file', '', ['a', 'b'], ': is empty, expected a header with "a", "b"'],
  ['blank lines alone', '\n\n', ['a'], ': is empty, expected a header with "a"'],
  ['a missing column', '\na,b\n1,2\n', ['b', 'c'], ', line 2: there is no column "c", only "a", "b"'],
  ['a column twice', 'a,b,a\n1,2,3\n', ['b'], ', line 1: column "a" is twice in the header'],
  ['a __proto__ header', 'a,__proto__\n1,2\n', ['a'], ', line 1: a column cannot be named "__proto__"'],
  ['too many fields', 'a,b\n1,2\n1,2,3\n', ['a'], ', line 3: 2 fields expected as in the header, got 3'],
  ['too few fields', 'a,b\n1\n', ['a'], ', line 2: 2 fields expected as in the header, got 1'],
  [
    'too few fields after a record of three lines',
    'a,b\n"1\n\r\n",2\n\n1\n',
    ['a'],
    ', line 6: 2 fields expected as in the header, got 1',
  ],
  ['an unclosed quote', 'a,b\n1,2\n3,"4\n5,6\n', ['a'], ', line 3: a quote is not closed'],
  ['text after a closing quote', 'a,b\n"1"x,2\n', ['a'], ', line 2: there is text after a closing quote'],
  ['a quote after a closed one', 'a,b\n"1" "2",3\n', ['a'], ', line 2: there is white space after a closing quote'],
  [
    'white space after a closed quote',
    'a,b\n"1",2\n3,"4"\t\n',
    ['a'],
    ', line 3: there is white space after a closing quote',
  ],
  ['invalid UTF-8', Buffer.from('a,b\n1,2\n3,\xff\n', 'latin1'), ['a'], ', line 3: invalid UTF-8 at byte 10'],
  ['a truncated end', Buffer.from('a\n1\xe2\x82', 'latin1'), ['a'], ', line 2: invalid UTF-8 at byte 3'],
] as const) {
  test(`${name} is an error that says where`, async () => {
    const path = temporary(content);
    const { error } = await outcome(csv(path, { columns }));
    assert.instance(error, RangeError);
    assert.is(error?.message, path + message);
    await fileClosed(path);
  });
}

test('an error comes after all rows before it', async () => {
  const path = temporary(`a\n${'1\n'.repeat(5000)}"x`);
  const { values, error } = await outcome(csv(path, { columns: ['a'] }));
  assert.equal([values.length, error?.message], [5000, `${path}, line 5002: a quote is not closed`]);
});

test('onInvalid takes ragged rows, which are skipped', async () => {
  const seen: InvalidRow[] = [];
  const path = temporary('a,b\n1\n2,3\n4,5,6\n');
  const rows = await all(csv(path, { columns: ['a'], onInvalid: (row) => seen.push(row) }));
  assert.equal(fields(rows, 'a'), [['2']]);
  assert.equal(seen, [
    { line: 2, fields: ['1'], reason: `${path}, line 2: 2 fields expected as in the header, got 1` },
    { line: 4, fields: ['4', '5', '6'], reason: `${path}, line 4: 2 fields expected as in the header, got 3` },
  ]);
});

test('what onInvalid throws is the error, and closes the file', async () => {
  const path = temporary(`a,b\n1\n${'2,3\n'.repeat(100_000)}`);
  const failing$ = csv(path, {
    columns: ['a'],
    onInvalid() {
      throw new Error('enough');
    },
  });
  assert.is((await outcome(failing$)).error?.message, 'enough');
  await fileClosed(path);
});

for (const [name, content] of [
  ['quoted', `a,b\n1,2\n"${'x'.repeat(5 << 20)}",3\n`],
  ['unquoted', `a,b\n1,2\n${'x'.repeat(5 << 20)},3\n`],
  ['with endings inside quotes', `a,b\n1,2\n"${'x\n'.repeat(5 << 19)}",3\n`],
  ['of many fields', `a,b\n1,2\n${'x,'.repeat(5 << 19)}3\n`],
] as const) {
  test(`5 MiB in one record, ${name}, are refused at once and by line`, async () => {
    const path = temporary(content);
    const started = processorTime();
    const { values, error } = await outcome(csv(path, { columns: ['a'] }));
    assert.is(error?.message, `${path}, line 3: the record is longer than 1048576 bytes (maxRecordBytes)`);
    assert.is(values.length, 1);
    assert.ok(processorTime() - started < 1000, `${processorTime() - started} ms`);
    await fileClosed(path);
  });
}

test('a record just under maxRecordBytes is read, and quickly', async () => {
  const long = 'x'.repeat((1 << 20) - 10);
  const started = processorTime();
  assert.equal(await read(`a,b\n"${long}",2\n`, 'a'), [[long]]);
  assert.ok(processorTime() - started < 3000, `${processorTime() - started} ms`);
});

test('a record without end is refused after about maxRecordBytes', async () => {
  let read = 0;
  const endless = (): Cursor<Uint8Array> => ({
    next: () => ({ value: Buffer.alloc(65536, read++ === 0 ? `"${'a'.repeat(65535)}` : 'a'), done: read > 1000 }),
  });
  const { parser } = guard({ name: 'x', delimiter: ',', maxRecordBytes: 1 << 20 });
  const { error } = await outcome(pull(parseChunks(endless, () => parser)));
  assert.is(error?.message, 'x, line 1: the record is longer than 1048576 bytes (maxRecordBytes)');
  assert.is(read, 17);
});

for (const [name, header] of [
  ['nameless columns', ','.repeat(1 << 19)],
  ['columns', Array.from({ length: 1 << 17 }, (_, i) => i.toString(36)).join(',')],
] as const) {
  test(`a header of very many ${name} takes no time`, async () => {
    const started = processorTime();
    const path = temporary(`${header},A\n`);
    const { error } = await outcome(csv(path, { columns: ['B'] }));
    assert.match(error?.message ?? '', /, line 1: there is no column "B", only (".*", ){19}".*" and \d+ more$/);
    assert.ok(processorTime() - started < 3000, `${processorTime() - started} ms`);
  });
}

test('maxRecordBytes counts bytes, quotes included, endings not', async () => {
  assert.is(
    (await small('a,b\n"é",12\r\n')).error?.message.split(':')[1],
    ' the record is longer than 6 bytes (maxRecordBytes)',
  );
  assert.is((await small('a,b\n"e",1\r\n"e",22')).error, undefined);
});

test('emits as it is demanded', async () => {
  const demand$ = new Subject<number>();
  const seen: string[] = [];
  const path = temporary('a\n1\n2\n3\n4\n');
  const done = new Promise<void>((resolve, reject) => {
    csv(path, { columns: ['a'], demand: requested(demand$) }).subscribe({
      next: (row) => seen.push(row['a']!),
      error: reject,
      complete: resolve,
    });
  });
  demand$.next(2);
  while (seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => setTimeout(resolve, 50)); // for one that nobody asked for
  assert.equal(seen, ['1', '2']);
  demand$.next(9);
  await done;
  assert.equal(seen, ['1', '2', '3', '4']);
});

test('leaving closes the file', async () => {
  const path = temporary(`a\n${'x\n'.repeat(500_000)}`);
  assert.is((await all(csv(path, { columns: ['a'] }).pipe(take(3)))).length, 3);
  await fileClosed(path);
});

test('two hundred subscriptions left at any moment leave no file open', async () => {
  const path = temporary(`a\n${'x\n'.repeat(50_000)}`);
  for (let k = 0; k < 200; k++) {
    const subscription = csv(path, { columns: ['a'] }).subscribe();
    if (k % 3 === 1) await Promise.resolve();
    if (k % 3 === 2) await new Promise(setImmediate);
    subscription.unsubscribe();
  }
  await fileClosed(path);
});

test('a missing file and a directory are errors that name them', async () => {
  mkdirSync(join(folder, 'd.csv'));
  for (const [path, message] of [
    ['nowhere.csv', 'nowhere.csv: there is no such file'],
    [join(folder, 'd.csv'), `${join(folder, 'd.csv')}: is a directory, expected a file`],
  ] as const) {
    assert.is((await outcome(csv(path, { columns: ['a'] }))).error?.message, message);
  }
});

test('reads the names of the dinosaurs', async () => {
  const path = new URL('../../data/dinosaurs.csv', import.meta.url);
  const { values, error } = await outcome(csv(path, { columns: ['name'] }));
  assert.is(error, undefined);
  assert.ok(values.length > 1000);
});

for (const [options, message] of [
  [{ columns: [] }, 'csv: columns must name at least one column, got none'],
  [{ columns: ['a', 'a'] }, 'csv: columns must differ, got "a" twice'],
  [{ columns: 'a' as unknown as string[] }, 'csv: columns must be an array of strings, got "a"'],
  [{ columns: ['__proto__'] }, 'csv: a column cannot be named "__proto__"'],
  [{ columns: ['a'], delimiter: ';;' }, 'csv: delimiter must be one character other than a quote, or auto, got ";;"'],
  [{ columns: ['a'], maxRecordBytes: 0 }, 'csv: maxRecordBytes must be a positive integer, got 0'],
] as readonly (readonly [CsvOptions, string])[]) {
  test(`refuses ${JSON.stringify(options)} at once`, () => {
    assert.throws(
      () => csv('x.csv', options),
      (error: unknown) => error instanceof Error && error.message === message,
    );
  });
}

test.run();

function small(content: string): Promise<{ error: Error | undefined }> {
  return outcome(csv(temporary(content), { columns: ['a'], maxRecordBytes: 6 }));
}

function guarded(chunks: readonly Uint8Array[]): { records: string; lines: number[]; error: string } {
  const watch = guard({ name: 'x', delimiter: ',', maxRecordBytes: 1000 });
  let records = '';
  let error = '';
  try {
    for (const chunk of [...chunks, undefined]) {
      watch.parser.push(chunk);
      for (let batch = watch.parser.take(); batch !== undefined; batch = watch.parser.take()) records += batch;
    }
  } catch (thrown) {
    error = (thrown as Error).message;
  }
  const lines: number[] = [];
  while (watch.remaining > 0) lines.push(watch.nextLine());
  return { records, lines, error };
}
