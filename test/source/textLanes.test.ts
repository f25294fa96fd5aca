import { join } from 'node:path';
import * as fc from 'fast-check';
import { take, toArray, lastValueFrom } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bookmark } from '../../src/flow/bookmark.js';
import { textLanes } from '../../src/source/textLanes.js';
import { encode } from '../../src/token/encode.js';
import { vocabularyOf } from '../../src/token/vocabularyOf.js';
import { windows } from '../../src/token/windows.js';
import { all, fileClosed, folder, outcome, temporary } from './temporary.js';

for (const [content, lanes, expected] of [
  ['abcdef', 1, 'abcdef'],
  ['abcdef', 2, 'adbecf'],
  ['abcdefg', 2, 'adbecf'],
  ['aé\u{1f600}bcd', 2, 'abéc\u{1f600}d'],
  ['\ufeffabcdef', 1, 'abcdef'],
] as const) {
  test(`${lanes} lanes of ${JSON.stringify(content)}`, async () => {
    assert.is((await all(textLanes(temporary(content), { lanes }))).join(''), expected);
  });
}

test('the lanes are the file, but for what the longer ones have left', async () => {
  const unit = fc.constantFrom('a', 'b', 'é', '☂', '\u{1f600}', '\r\n', '\n');
  await fc.assert(
    fc.asyncProperty(
      fc.array(unit, { minLength: 40, maxLength: 120 }),
      fc.integer({ min: 1, max: 6 }),
      async (units, lanes) => {
        const content = units.join('');
        const points = await all(textLanes(temporary(content, 'lanes.txt'), { lanes }));
        assert.is(points.length % lanes, 0);
        let from = 0;
        for (let lane = 0; lane < lanes; lane++) {
          const stretch = points.filter((_, i) => i % lanes === lane).join('');
          const at = content.indexOf(stretch, from);
          assert.ok(at >= from, `lane ${lane} is not a stretch of the file after the one before`);
          from = at + stretch.length;
        }
        assert.ok(points.length > 0);
      },
    ),
    { numRuns: 200 },
  );
});

test('does not cut between CR and LF', async () => {
  const points = await all(textLanes(temporary('ab\r\ncd'), { lanes: 2, newline: 'lf' }));
  assert.is(points.join(''), 'acbd');
});

test('lanes of a part of a file; a bookmark goes on in it', async () => {
  const path = temporary('x☂abcdefghy☂');
  const part = { lanes: 2, start: 2, end: 12 };
  const whole = await all(textLanes(path, part));
  assert.is(whole.join(''), 'aebfcgdh');
  for (let cut = 1; cut < whole.length; cut++) {
    const mark = bookmark();
    await all(textLanes(path, { ...part, bookmark: mark }).pipe(take(cut)));
    const rest = await all(textLanes(path, { ...part, bookmark: bookmark(mark.place()) }));
    assert.equal(rest, whole.slice(cut));
  }
});

test('lanes of a part of a file: whole code points, the shortest ends them, a bookmark resumes', async () => {
  const content = 'aé🦖b'.repeat(30_000); // more than a chunk per lane
  const path = temporary(content);
  const options = { lanes: 3, start: 0, end: Buffer.byteLength('aé🦖b') * 20_000 };
  const points = await all(textLanes(path, options));
  assert.is(points.length % 3, 0);
  assert.ok(Math.abs(points.length - 80_000) < 12);
  const lane = (i: number): string => points.filter((_, at) => at % 3 === i).join('');
  assert.ok(content.startsWith(lane(0)));
  assert.ok(content.includes(lane(1)));

  const mark = bookmark();
  const first = await all(textLanes(path, { ...options, bookmark: mark }).pipe(take(40_001)));
  const rest = await all(textLanes(path, { ...options, bookmark: bookmark(mark.place()) }));
  assert.equal([...first, ...rest], points);
});

test('reads a file of many chunks', async () => {
  const content = Array.from({ length: 300_000 }, (_, i) =>
    i % 10 === 0 ? '\n' : String.fromCodePoint(0x3b1 + (i % 20)),
  ).join('');
  const points = await all(textLanes(temporary(content), { lanes: 3 }));
  const first = points.filter((_, i) => i % 3 === 0).join('');
  assert.ok(content.startsWith(first));
  assert.ok(points.length > 280_000);
});

test('fits windows of as many lanes', async () => {
  const letters = vocabularyOf(Array.from('abcdef'));
  const windows$ = textLanes(temporary('abcdef'), { lanes: 2 }).pipe(encode(letters), windows({ steps: 2, lanes: 2 }));
  const [window] = await lastValueFrom(windows$.pipe(toArray()));
  assert.equal(
    [[...window!.inputs], [...window!.targets]],
    [
      [0, 3, 1, 4],
      [1, 4, 2, 5],
    ],
  );
});

test('an invalid byte is named by its place in the file, and every stream is closed', async () => {
  const path = temporary(Buffer.concat([Buffer.from('abcdefgh'), Buffer.of(0xff), Buffer.from('ij')]));
  const { error } = await outcome(textLanes(path, { lanes: 2 }));
  assert.is(error?.message, `${path}: invalid UTF-8 at byte 8`);
  await fileClosed(path);
});

test('leaving closes every stream', async () => {
  const path = temporary('abc'.repeat(1000));
  assert.is((await all(textLanes(path, { lanes: 3 }).pipe(take(4)))).length, 4);
  await fileClosed(path);
});

for (const [name, path, lanes, message] of [
  ['a missing file', 'nowhere.txt', 2, 'nowhere.txt: there is no such file'],
  ['a directory', folder, 2, `${folder}: is a directory, expected a file`],
  [
    'an empty file',
    temporary('', 'empty'),
    2,
    `${join(folder, 'empty')}: too short for 2 lanes of at least 2 code points each`,
  ],
  [
    'too short a file',
    temporary('abc', 'short'),
    2,
    `${join(folder, 'short')}: too short for 2 lanes of at least 2 code points each`,
  ],
  [
    'more lanes than bytes',
    temporary('abc', 'shorter'),
    9,
    `${join(folder, 'shorter')}: too short for 9 lanes of at least 2 code points each`,
  ],
] as const) {
  test(`${name} is an error`, async () => {
    assert.is((await outcome(textLanes(path, { lanes }))).error?.message, message);
  });
}

test('lanes must be a positive integer', () => {
  assert.throws(() => textLanes('a', { lanes: 0 }), /textLanes: lanes must be a positive integer, got 0/);
});

test.run();
