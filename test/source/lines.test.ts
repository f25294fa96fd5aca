import { folder } from './temporary.js';
import * as fc from 'fast-check';
import { take } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pull } from '../../src/flow/pull.js';
import { lineParser } from '../../src/source/lineParser.js';
import { lines } from '../../src/source/lines.js';
import { parseChunks } from '../../src/source/parseChunks.js';
import { all, chunks, cutAt, fileClosed, outcome, temporary } from './temporary.js';

for (const [name, content, expected] of [
  ['an empty file', '', []],
  ['a byte order mark alone', '\ufeff', []],
  ['a line without an ending', 'a', ['a']],
  ['a line with one', 'a\n', ['a']],
  ['LF, CRLF and CR', 'a\nb\r\nc\rd', ['a', 'b', 'c', 'd']],
  ['blank lines', '\n\r\n\r\n', ['', '', '']],
  ['LF CR, which is two endings', 'a\n\rb', ['a', '', 'b']],
  ['a byte order mark, which is dropped', '\ufeffa\n\ufeffb', ['a', '\ufeffb']],
  ['NUL and white space', ' a\0\t\n', [' a\0\t']],
  ['U+2028, which is not an ending', 'a\u2028b', ['a\u2028b']],
] as const) {
  test(`reads ${name}`, async () => assert.equal(await all(lines(temporary(content))), expected));
}

test('any chunks give the same lines', async () => {
  const unit = fc.constantFrom('\r', '\n', '\r\n', 'a', 'é', '\u{1f600}', ' ');
  await fc.assert(
    fc.asyncProperty(fc.array(unit), fc.array(fc.nat()), fc.boolean(), async (units, places, later) => {
      const content = units.join('');
      const expected = content.split(/\r\n|\r|\n/);
      if (expected.at(-1) === '') expected.pop();
      const bytes = cutAt(Buffer.from(content), places);
      assert.equal(await all(pull(parseChunks(chunks(bytes, later), lineParser('lines', 'x', {})))), expected);
    }),
    { numRuns: 3000 },
  );
});

test('emits a line as soon as its ending is there', async () => {
  const parser = lineParser('lines', 'x', {})();
  parser.push(Buffer.from('ab\r'));
  assert.is(parser.take(), 'ab');
});

test('invalid UTF-8 names file, line and byte, after the lines before it', async () => {
  const path = temporary(Buffer.from('\xc3\xa9\r\nb\nc\xff\nd', 'latin1'));
  const { values, error } = await outcome(lines(path));
  assert.equal([values, error?.message], [['é', 'b'], `${path}, line 3: invalid UTF-8 at byte 7`]);
  await fileClosed(path);
});

test('long lines are cut or left out, and reported, however the bytes come', async () => {
  const unit = fc.constantFrom('\r', '\n', '\r\n', 'a', 'bb', 'é', '\u{1f600}');
  const limits = fc.integer({ min: 1, max: 6 });
  await fc.assert(
    fc.asyncProperty(fc.array(unit, { maxLength: 60 }), fc.array(fc.nat()), limits, async (units, places, limit) => {
      const content = units.join('');
      const expected = content.split(/\r\n|\r|\n/);
      if (expected.at(-1) === '') expected.pop();
      const isLong = (line: string): boolean => Buffer.byteLength(line) > limit;
      const beginning = (line: string): string => {
        let kept = '';
        for (const character of line) if (!isLong(kept + character)) kept += character; else break; // prettier-ignore
        return kept;
      };
      const bytes = cutAt(Buffer.from(content), places);
      for (const onLong of ['cut', 'skip'] as const) {
        const told: number[] = [];
        const options = { maxLineBytes: limit, onLong, longLine: (line: number) => told.push(line) };
        const read = await all(pull(parseChunks(chunks(bytes, false), lineParser('lines', 'x', options))));
        assert.equal(read, onLong === 'cut' ? expected.map(beginning) : expected.filter((line) => !isLong(line)));
        assert.equal(told, expected.flatMap((line, i) => (isLong(line) ? [i + 1] : []))); // prettier-ignore
      }
    }),
    { numRuns: 1000 },
  );
});

test('replace counts what it replaces', async () => {
  const seen: number[] = [];
  const path = temporary(Buffer.from('a\n\xe2\x82\nb\xff', 'latin1'));
  const values = await all(lines(path, { invalid: 'replace', onInvalid: (byte) => seen.push(byte) }));
  assert.equal(
    [values, seen],
    [
      ['a', '\ufffd', 'b\ufffd'],
      [2, 6],
    ],
  );
});

test('invalid bytes can be kept, each as a lone surrogate', async () => {
  const path = temporary(Buffer.from([97, 10, 0xff, 10, 98, 0xe6, 0x97, 10, 0xc3, 0xa9, 0x80, 99]));
  const values = await all(lines(path, { invalid: 'keep' }));
  assert.equal(values, ['a', '\udcff', 'b\udce6\udc97', 'é\udc80c']);
});

for (const [content, line] of [
  ['abcde\n', 1],
  ['abcd\r\nabcde', 2],
  ['\n\nabcdefghij', 3],
] as const) {
  test(`a line above maxLineBytes: ${JSON.stringify(content)}`, async () => {
    const path = temporary(content);
    const { error } = await outcome(lines(path, { maxLineBytes: 4 }));
    assert.is(error?.message, `${path}, line ${line}: longer than 4 bytes (maxLineBytes)`);
    await fileClosed(path);
  });
}

test('a line of maxLineBytes is fine, whatever its ending', async () => {
  assert.equal(await all(lines(temporary('abcd\r\néé\rabcd\nabcd'), { maxLineBytes: 4 })), [
    'abcd',
    'éé',
    'abcd',
    'abcd',
  ]);
});

test('a line without end is refused after about maxLineBytes', async () => {
  let read = 0;
  const endless = () => ({
    next: () => ({ value: new Uint8Array(65536).fill(0x61), done: read++ > 1000 }) as IteratorResult<Uint8Array>,
  });
  const { error } = await outcome(pull(parseChunks(endless, lineParser('lines', 'x', {}))));
  assert.is(error?.message, 'x, line 1: longer than 1048576 bytes (maxLineBytes)');
  assert.is(read, 17);
});

test('leaving closes the file', async () => {
  const path = temporary('a\nb\nc\n');
  assert.equal(await all(lines(path).pipe(take(2))), ['a', 'b']);
  await fileClosed(path);
});

test('a directory is an error that names it', async () => {
  assert.is((await outcome(lines(folder))).error?.message, `${folder}: is a directory, expected a file`);
});

test('refuses a limit that is none at once', () => {
  assert.throws(() => lines('a', { maxLineBytes: 0 }), /lines: maxLineBytes must be a positive integer, got 0/);
});

test.run();
