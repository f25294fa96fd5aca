import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import { count, lastValueFrom, repeat, Subject, take } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pull } from '../../src/flow/pull.js';
import { requested } from '../../src/flow/demand.js';
import { type CharacterOptions, characterParser } from '../../src/source/characterParser.js';
import { parseChunks } from '../../src/source/parseChunks.js';
import { bookmark } from '../../src/flow/bookmark.js';
import { text } from '../../src/source/text.js';
import { all, chunks, cutAt, fileClosed, folder, isOpen, outcome, temporary } from './temporary.js';

/** The code points of bytes that arrive in chunks. */
function decoded(bytes: readonly Uint8Array[], options: CharacterOptions = {}, later = false): Promise<string[]> {
  const parse = characterParser('x', options);
  return all(pull(parseChunks(chunks(bytes, later), () => parse())));
}

for (const [name, content, expected] of [
  ['an empty file', '', []],
  ['letters', 'abc', ['a', 'b', 'c']],
  ['code points, not UTF-16 units', 'a\u{1f600}\u{10ffff}é', ['a', '\u{1f600}', '\u{10ffff}', 'é']],
  ['a combining mark by itself', 'e\u0301', ['e', '\u0301']],
  ['NUL and tabs', '\0\t', ['\0', '\t']],
  ['a byte order mark, which is dropped', '\ufeffa\ufeff', ['a', '\ufeff']],
  ['line endings as they are', 'a\r\nb\rc\n', ['a', '\r', '\n', 'b', '\r', 'c', '\n']],
] as const) {
  test(`reads ${name}`, async () => assert.equal(await all(text(temporary(content))), expected));
}

test('reads a file that takes many chunks', async () => {
  const content = 'aé☂\u{1f600}\n'.repeat(40_000);
  const points = await all(text(temporary(content)));
  assert.is(points.length, 200_000);
  assert.is(points.join(''), content);
});

test('takes a file: URL', async () => {
  assert.equal(await all(text(pathToFileURL(temporary('ab', 'with space.txt')))), ['a', 'b']);
});

test('reads again on each subscription', async () => {
  assert.equal((await all(text(temporary('ab')).pipe(repeat(2)))).join(''), 'abab');
});

test('any chunks give the same code points', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary' }),
      fc.array(fc.nat()),
      fc.boolean(),
      async (content, places, later) => {
        const bytes = Buffer.from(content);
        assert.equal(
          await decoded(cutAt(bytes, places), {}, later),
          Array.from(bytes.toString().replace(/^\ufeff/, '')),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test('any chunks give the same lines endings under newline lf', async () => {
  const unit = fc.constantFrom('\r', '\n', '\r\n', 'a', 'é');
  await fc.assert(
    fc.asyncProperty(fc.array(unit), fc.array(fc.nat()), fc.boolean(), async (units, places, later) => {
      const content = units.join('');
      const points = await decoded(cutAt(Buffer.from(content), places), { newline: 'lf' }, later);
      assert.is(points.join(''), content.replaceAll(/\r\n?/g, '\n'));
    }),
    { numRuns: 2000 },
  );
});

test('newline lf before a bad byte', async () => {
  const { values, error } = await outcome(text(temporary(Buffer.from('a\r\xff', 'latin1'), 'cr'), { newline: 'lf' }));
  assert.equal([values, error?.message], [['a', '\n'], `${join(folder, 'cr')}: invalid UTF-8 at byte 2`]);
});

test('random bytes give text or our own error, never another', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), fc.array(fc.nat()), async (bytes, places) => {
      const parse = characterParser('x', {});
      const { error } = await outcome(pull(parseChunks(chunks(cutAt(bytes, places), false), () => parse())));
      assert.match(error?.message ?? 'x: invalid UTF-8 at byte 0', /^x: invalid UTF-8 at byte \d+$/);
    }),
    { numRuns: 3000 },
  );
});

test('invalid UTF-8 is an error that names the file and the byte, after the text before it', async () => {
  const path = temporary(Buffer.concat([Buffer.from('é'.repeat(70_000)), Buffer.of(0xff), Buffer.from('abc')]));
  const { values, error } = await outcome(text(path));
  assert.instance(error, RangeError);
  assert.is(error?.message, `${path}: invalid UTF-8 at byte 140000`);
  assert.is(values.length, 70_000);
  await fileClosed(path);
});

test('a truncated end is an error at the byte where the sequence begins', async () => {
  const path = temporary(Buffer.from('ab☂').subarray(0, 4));
  assert.is((await outcome(text(path))).error?.message, `${path}: invalid UTF-8 at byte 2`);
});

test('replace counts what it replaces', async () => {
  const seen: number[] = [];
  const path = temporary(Buffer.of(0x61, 0xff, 0x62, 0xe2, 0x82));
  const points = await all(text(path, { invalid: 'replace', onInvalid: (byte) => seen.push(byte) }));
  assert.equal(
    [points, seen],
    [
      ['a', '\ufffd', 'b', '\ufffd'],
      [1, 3],
    ],
  );
});

test('what onInvalid throws is the error, and closes the file', async () => {
  const path = temporary(Buffer.of(0x61, 0xff));
  const failing$ = text(path, {
    invalid: 'replace',
    onInvalid() {
      throw new Error('enough');
    },
  });
  assert.is((await outcome(failing$)).error?.message, 'enough');
  await fileClosed(path);
});

test('a missing file is an error that names it', async () => {
  const { error } = await outcome(text('no/such/file.txt'));
  assert.is(error?.message, 'no/such/file.txt: there is no such file');
});

test('a directory is an error that names it', async () => {
  mkdirSync(join(folder, 'directory'));
  const { error } = await outcome(text(join(folder, 'directory')));
  assert.is(error?.message, `${join(folder, 'directory')}: is a directory, expected a file`);
});

test('a path through a file is an error that names it', async () => {
  const path = join(temporary('a'), 'b');
  assert.is(
    (await outcome(text(path))).error?.message,
    `${path}: there is no such file: a part of the path is not a directory`,
  );
});

test('unsubscribing in the middle closes the file', async () => {
  const path = temporary('a'.repeat(300_000));
  let open = false;
  const taken$ = text(path).pipe(take(100_000));
  await lastValueFrom(taken$.pipe(count((_, index) => (open ||= index === 70_000 && isOpen(path)) || true)));
  assert.ok(open || process.platform !== 'linux');
  await fileClosed(path);
});

test('reads as it is demanded', async () => {
  const demand$ = new Subject<number>();
  const seen: string[] = [];
  const path = temporary('abc');
  const subscription = text(path, { demand: requested(demand$) }).subscribe((point) => seen.push(point));
  assert.not(isOpen(path));
  demand$.next(2);
  while (seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => setTimeout(resolve, 50)); // for one that nobody asked for
  assert.equal(seen, ['a', 'b']);
  subscription.unsubscribe();
  await fileClosed(path);
});

test('a thousand subscriptions left at any moment leave no file open', async () => {
  const path = temporary('aé'.repeat(50_000));
  for (let k = 0; k < 1000; k++) {
    const subscription = text(path).subscribe();
    if (k % 3 === 1) await Promise.resolve();
    if (k % 3 === 2) await new Promise(setImmediate);
    subscription.unsubscribe();
  }
  await fileClosed(path);
});

test('parts of a file that meet anywhere give each code point once', async () => {
  const unit = fc.constantFrom('a', 'é', '☂', '\u{1f600}', '\r\n', '\r', '\n', '\ufeff');
  await fc.assert(
    fc.asyncProperty(fc.array(unit, { maxLength: 30 }), fc.nat(100), async (units, at) => {
      const path = temporary(units.join(''), 'parts.txt');
      const [before, after] = [await all(text(path, { end: at })), await all(text(path, { start: at }))];
      assert.equal([...before, ...after], await all(text(path)));
      assert.not(before.at(-1) === '\r' && after[0] === '\n');
    }),
    { numRuns: 300 },
  );
});

test('a part in the middle of a file; a bookmark in it', async () => {
  const path = temporary('aé\u{1f600}bcdef');
  const part = { start: 2, end: 9 };
  assert.is((await all(text(path, part))).join(''), '\u{1f600}bc');
  const mark = bookmark();
  assert.is((await all(text(path, { ...part, bookmark: mark }).pipe(take(2)))).join(''), '\u{1f600}b');
  assert.is((await all(text(path, { ...part, bookmark: bookmark(mark.place()) }))).join(''), 'c');
  assert.is((await all(text(path, { start: 100 }))).join(''), '');
});

for (const [name, make, message] of [
  ['an end before the start', () => text('a', { start: 5, end: 3 }), 'text: end must be an integer from 5 up, got 3'],
  ['a number for a path', () => text(7 as unknown as string), 'text: path must be a string or a URL, got 7'],
  ['an empty path', () => text(''), 'text: path must be the name of a file, got ""'],
  ['NUL in a path', () => text('a\0b'), 'text: path must be the name of a file, got "a\\u0000b"'],
  [
    'a web address',
    () => text(new URL('http://x.org/')),
    'text: path must be a string or a file: URL, got http://x.org/',
  ],
  ['a newline', () => text('a', { newline: 'crlf' as 'lf' }), 'text: newline must be keep or lf, got "crlf"'],
  ['an invalid', () => text('a', { invalid: 'skip' as 'error' }), 'text: invalid must be error or replace, got "skip"'],
] as const) {
  test(`refuses ${name} at once`, () => {
    assert.throws(make, (error: unknown) => error instanceof Error && error.message === message);
  });
}

test.run();
