// CSV as other programs write it comes back as it was: an own writer after Python's csv.writer, and Python's own reader
// beside ours where there is a Python.
import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { csv } from '../../src/source/csv.js';
import { comesBack, fields, foreignCsv } from './foreignCsv.js';
import { all, outcome, temporary } from './temporary.js';

const FILES = 2000; // `npm run fuzz` reads more

test(`${FILES} random files of a foreign writer come back equal`, async () => {
  await fc.assert(fc.asyncProperty(foreignCsv, comesBack), { numRuns: FILES });
});

for (const [name, content, expected] of [
  ['commas in quotes', 'a,b\n1,"2,3"\n', [['1', '2,3']]],
  ['escaped quotes', 'a,b\n1,"ha ""ha"" ha"\n3,4\n', [['1', 'ha "ha" ha'], ['3', '4']]], // prettier-ignore
  ['JSON', 'a,b\n1,"{""type"": ""Point"", ""coordinates"": [102.0, 0.5]}"\n', [['1', '{"type": "Point", "coordinates": [102.0, 0.5]}']]], // prettier-ignore
  ['newlines', 'a,b\n"Once upon \na time",5\n', [['Once upon \na time', '5']]],
  ['newlines of CRLF', 'a,b\r\n"Once upon \r\na time",5\r\n', [['Once upon \r\na time', '5']]],
  ['quotes and newlines', 'a,b\n1,"ha \n""ha"" \nha"\n', [['1', 'ha \n"ha" \nha']]],
  ['empty fields, quoted and not', 'a,b\n"",\n,""\n', [['', ''], ['', '']]], // prettier-ignore
  ['white space before, behind and alone', 'a,b\n x , \n\t,y \n', [[' x ', ' '], ['\t', 'y ']]], // prettier-ignore
  ['white space alone before a field', 'a,b\n  ,2\n', [['  ', '2']]],
  ['a quoted field behind white space', 'a,b\nA, "B" \n', [['A', ' "B" ']]],
  ['a quote behind white space and text', 'a,b\n "x" y,1\n', [[' "x" y', '1']]],
  ['quotes inside an unquoted field', 'a,b\nx "y",5\' 6"\n', [['x "y"', '5\' 6"']]],
  ['white space in the header', ' a,b\nx,y\n', undefined],
] as const) {
  test(`reads ${name}`, async () => {
    const { values, error } = await outcome(csv(temporary(content), { columns: ['a', 'b'] }));
    if (expected) assert.equal([fields(values, ['a', 'b']), error], [expected, undefined]);
    else assert.match(error?.message ?? '', /there is no column "a", only " a", "b"$/);
  });
}

test('a line of white space is a row in a file of one column, a blank line in a file of several', async () => {
  const one = csv(temporary(' \na\nx\n  \n\n\t\r\ny\n" "\n'), { columns: ['a'] });
  assert.equal(fields(await all(one), ['a']), [['x'], ['  '], ['\t'], ['y'], [' ']]);
  const two = csv(temporary(' \na,b\n1,2\n  \n\n\t\r\n3,4\n'), { columns: ['a', 'b'] });
  assert.equal(fields(await all(two), ['a', 'b']), [['1', '2'], ['3', '4']]); // prettier-ignore
});

test('the byte order mark inside a file belongs to its field, also where a batch of records begins', async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => [`\ufeff${i}`]);
  const path = temporary(`a\n${rows.map(([field]) => field).join('\n')}\n`);
  assert.equal(fields(await all(csv(path, { columns: ['a'] })), ['a']), rows);
});

const PYTHON = `
import csv, io, json, sys
for line in sys.stdin:
    text = json.loads(line)
    try:
        print(json.dumps(list(csv.reader(io.StringIO(text, newline=''), strict=True))))
    except csv.Error:
        print('null')
`;

test('Python, in strict mode, reads the same or refuses, too', async () => {
  const texts = fc.sample(
    fc
      .array(fc.constantFrom('a', 'b', '"', '""', ',', ',', '\n', '\n', '\r\n', ' ', '\t', '\u00a0', 'é'), {
        maxLength: 12,
      })
      .map((units) => `a,b\n${units.join('')}`),
    { numRuns: 2000, seed: 1 },
  );
  const input = texts.map((text) => JSON.stringify(text)).join('\n');
  const python = spawnSync('python3', ['-c', PYTHON], { input, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (python.error) return; // no Python here
  const answers = python.stdout.trim().split('\n');
  assert.is(answers.length, texts.length, python.stderr);
  for (const [i, text] of texts.entries()) {
    const rows: string[][] = [];
    const path = temporary(text, 'python.csv');
    const found = await outcome(csv(path, { columns: ['a'], onInvalid: ({ fields }) => rows.push([...fields]) }));
    const valid = JSON.parse(answers[i]!) as string[][] | null;
    assert.is(found.error === undefined, valid !== null, JSON.stringify(text));
    if (!valid) continue;
    const ragged = valid.slice(1).filter(({ length }) => length !== 2);
    assert.equal(fields(found.values, ['a']), valid.slice(1).filter(({ length }) => length === 2).map(([a]) => [a])); // prettier-ignore
    assert.equal(rows.filter(isFilled), ragged.filter(isFilled), JSON.stringify(text));
  }
});

/** Whether a record is more than a blank line, quoted or not: Python gives those, too. */
function isFilled(record: readonly string[]): boolean {
  return record.length > 1 || /\S/.test(record[0] ?? '');
}

test.run();
