import * as fc from 'fast-check';
import { from, lastValueFrom, type Observable, of, repeat, take, tap, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bookmark, type Bookmark, type Place } from '../../src/flow/bookmark.js';
import { pull } from '../../src/flow/pull.js';
import { bytes } from '../../src/source/bytes.js';
import { text } from '../../src/source/text.js';
import { textLanes } from '../../src/source/textLanes.js';
import { lanes } from '../../src/token/lanes.js';
import { windows } from '../../src/token/windows.js';
import { all, outcome, temporary } from '../source/temporary.js';

const story = 'Ünïcödé 👩‍👧 \r\n and\r so\r\non…\r\n'.repeat(9);
const broken = Buffer.concat([
  Buffer.from('\ufeffah\r\n'),
  Buffer.from([0xff, 0xe2, 0x82]),
  Buffer.from('é\ufeff€ z\r\n'),
]);
const [long, bad, large] = [temporary(story), temporary(broken), temporary('añ€\r\n'.repeat(30_000))];
const tokens = Array.from({ length: 50 }, (_, i) => i % 7);

/** The place as it comes out of a file. */
const saved = (mark: Bookmark): Place => JSON.parse(JSON.stringify(mark.place())) as Place;

for (const [what, source] of [
  ['text', (mark) => text(long, { bookmark: mark })],
  ['text with line ends made one', (mark) => text(long, { newline: 'lf', bookmark: mark })],
  ['text with invalid UTF-8 replaced', (mark) => text(bad, { invalid: 'replace', bookmark: mark })],
  ['text of both', (mark) => text(bad, { invalid: 'replace', newline: 'lf', bookmark: mark })],
  ['one lane of text', (mark) => textLanes(long, { lanes: 1, bookmark: mark })],
  ['three lanes of text', (mark) => textLanes(long, { lanes: 3, bookmark: mark })],
  [
    'four lanes of text with line ends made one',
    (mark) => textLanes(long, { lanes: 4, newline: 'lf', bookmark: mark }),
  ],
  ['bytes', (mark) => bytes(long, { bookmark: mark })],
  ['lanes in memory', (mark) => pull(lanes(tokens, 3, { bookmark: mark }))],
  [
    'windows of three lanes',
    (mark) => pull(lanes(tokens, 3, { bookmark: mark })).pipe(windows({ steps: 4, lanes: 3, bookmark: mark })),
  ],
  [
    'windows of one lane, epochs joined',
    (mark) =>
      pull(lanes(tokens, 1, { bookmark: mark })).pipe(repeat(3), windows({ steps: 7, bookmark: mark }), take(21)),
  ],
  [
    'windows over a file',
    (mark) => bytes(long, { bookmark: mark }).pipe(windows({ steps: 5, lanes: 2, bookmark: mark })),
  ],
] as [string, (mark: Bookmark) => Observable<unknown>][]) {
  test(`${what}: read on from any place gives what was left`, async () => {
    const whole = await all(source(bookmark()));
    assert.ok(whole.length > 3);
    for (let cut = 1; cut <= whole.length; cut += whole.length > 60 ? 7 : 1) {
      const mark = bookmark();
      let place: Place | undefined;
      // at the item itself, as a checkpoint is taken
      await all(source(mark).pipe(take(cut), tap({ next: () => (place = saved(mark)) })));
      const more = await all(source(bookmark(place)).pipe(take(whole.length - cut)));
      assert.equal(more, whole.slice(cut), `after ${cut}`);
    }
  });
}

test('a place behind a chunk of 64 KiB is found again without reading what is before', async () => {
  const whole = await all(text(large));
  for (const cut of [50_000, 65_535, 99_999]) {
    const mark = bookmark();
    await all(text(large, { bookmark: mark }).pipe(take(cut)));
    assert.ok(mark.place().stages['text']![0]! >= 50_000, 'the byte to begin from');
    assert.equal(await all(text(large, { bookmark: bookmark(saved(mark)) })), whole.slice(cut));
  }
});

test('any text, any options, any cut', async () => {
  const options = fc.record({
    newline: fc.constantFrom('keep' as const, 'lf' as const),
    invalid: fc.constant('replace' as const),
  });
  const piece = fc.constantFrom('a', '\r', '\n', 'é', '€', '😀', '\ufeff');
  const pieces = fc.array(
    fc.oneof(
      piece.map((s) => Buffer.from(s)),
      fc.uint8Array({ maxLength: 3 }),
    ),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(pieces, options, fc.nat(), async (pieces, options, at) => {
      const path = temporary(Buffer.concat(pieces), 'any.txt');
      const whole = await all(text(path, options));
      const cut = whole.length === 0 ? 0 : 1 + (at % whole.length);
      const mark = bookmark();
      await all(text(path, { ...options, bookmark: mark }).pipe(take(cut)));
      if (cut === 0) return;
      assert.equal(await all(text(path, { ...options, bookmark: bookmark(saved(mark)) })), whole.slice(cut));
    }),
    { numRuns: 300 },
  );
});

test('epochs are counted, on from those before', async () => {
  const mark = bookmark();
  const run = (mark: Bookmark, take_: number) =>
    lastValueFrom(pull(lanes([1, 2, 3], 1, { bookmark: mark })).pipe(repeat(), take(take_), toArray()));
  assert.equal(await run(mark, 7), [1, 2, 3, 1, 2, 3, 1]);
  assert.is(mark.epoch, 2);
  const next = bookmark(saved(mark));
  assert.equal(await run(next, 4), [2, 3, 1, 2]);
  assert.is(next.epoch, 3);
});

test('a place is taken up once: the next subscription begins at the beginning', async () => {
  const mark = bookmark({ epoch: 0, stages: { lanes: [3, 1, 2, 0] } });
  const source = pull(lanes([1, 2, 3], 1, { bookmark: mark }));
  assert.equal(await all(source), [3]);
  assert.equal(await all(source), [1, 2, 3]);
});

test('refused: a place of which a stage was not given the bookmark', async () => {
  const mark = bookmark({ epoch: 0, stages: { lanes: [3, 1, 2, 0], windows: [1, 0, 2] } });
  await all(pull(lanes([1, 2, 3], 1, { bookmark: mark })));
  assert.throws(() => mark.place(), /the place of windows was not taken up; give the bookmark/);
});

test('refused: a place of which no stage was given the bookmark, each by its name', () => {
  const mark = bookmark({ epoch: 0, stages: { lanes: [3, 1, 2, 0], windows: [1, 0, 2] } });
  assert.throws(() => mark.place(), /^bookmark: the place of lanes, windows was not taken up; /);
});

test('only the stage that begins the source counts epochs', () => {
  const mark = bookmark();
  for (const stage of ['windows', 'windows', 'lanes']) mark.keep(stage, () => []);
  mark.keep('text', () => [], true);
  assert.is(mark.epoch, 0);
  mark.keep('windows', () => []);
  assert.is(mark.epoch, 0);
  mark.keep('text', () => [], true);
  assert.is(mark.epoch, 1);
});

test('a place may hold -1, which is the token for no input', () => {
  assert.equal(
    bookmark({ epoch: 0, stages: { windows: [-1, 0] } }).keep('windows', () => []),
    [-1, 0],
  );
});

for (const [what, place] of [
  ['an epoch that is not a count', { epoch: -1, stages: {} }],
  ['no epoch', { stages: {} }],
  ['a number below -1', { epoch: 0, stages: { text: [-2] } }],
  ['one stage of two that is not a list', { epoch: 0, stages: { text: [1], windows: null } }],
  ['numbers that are texts', { epoch: 0, stages: { text: ['1', 0] } }],
  ['fractions', { epoch: 0, stages: { text: [0.5, 0] } }],
  ['stages that are not lists', { epoch: 0, stages: { text: 3 } }],
] as const) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => bookmark(place as unknown as Place),
      (error: unknown) =>
        error instanceof TypeError &&
        error.message === `bookmark: from must be a place that place() returned, got ${JSON.stringify(place)}`,
    );
  });
}

const at = (stages: Record<string, number[]>): Bookmark => bookmark({ epoch: 0, stages });
for (const [what, source, message] of [
  [
    'a text that ends before',
    () => text(temporary('short'), { bookmark: at({ text: [0, 9] }) }),
    /ends before the place of the bookmark/,
  ],
  [
    'bytes that end before',
    () => bytes(temporary('short'), { bookmark: at({ bytes: [6] }) }),
    /: ends before the place of the bookmark$/,
  ],
  [
    'a text that ends before, between two code points',
    () => text(temporary('short'), { bookmark: at({ text: [6, 0] }) }),
    /: ends before the place of the bookmark$/,
  ],
  [
    'a part of a text that ends before',
    () => text(temporary('short'), { end: 3, bookmark: at({ text: [4, 0] }) }),
    /: ends before the place of the bookmark$/,
  ],
  [
    'a part of a text that begins after',
    () => text(temporary('short'), { start: 3, bookmark: at({ text: [2, 0] }) }),
    /: begins after the place of the bookmark, byte 2$/,
  ],
  [
    'a lane of a text that ends before',
    () => textLanes(temporary('abcdef'), { lanes: 2, bookmark: at({ textLanes: [2, 6, 2, 0, 4, 0, 6, 0] }) }),
    /: the place of the bookmark in lane 0 lies outside of the lane$/,
  ],
  [
    'a place without a lane of a text',
    () => textLanes(temporary('abcdef'), { lanes: 2, bookmark: at({ textLanes: [2, 6, 2, 0, 3, 0] }) }),
    /: the place of the bookmark in lane 1 lies outside of the lane$/,
  ],
  ...[[26, 0], [25, 1], [3, 2], [3]].map(
    (place) =>
      [
        `tokens that end before: ${place.join()}`,
        () => pull(lanes(tokens, 2, { bookmark: at({ lanes: [50, 2, ...place] }) })),
        /^lanes: the place of the bookmark lies outside of the lanes$/,
      ] as const,
  ),
  [
    'other lanes',
    () => textLanes(long, { lanes: 2, bookmark: at({ textLanes: [3, story.length, 0, 0] }) }),
    /the bookmark lies in 3 lanes/,
  ],
  [
    'a file of another size',
    () => textLanes(long, { lanes: 2, bookmark: at({ textLanes: [2, 1, 0, 0] }) }),
    /in 2 lanes of 1 bytes/,
  ],
  [
    'other tokens',
    () => pull(lanes(tokens, 2, { bookmark: at({ lanes: [9, 2, 0, 0] }) })),
    /in 2 lanes of 9 tokens, these are 2 of 50/,
  ],
  [
    'windows of other lanes',
    () => from(tokens).pipe(windows({ steps: 2, lanes: 2, bookmark: at({ windows: [1, 0, 4] }) })),
    /in windows of 1 lanes, these are 2 × 2/,
  ],
  [
    'windows too short',
    () => of(1).pipe(windows({ steps: 2, bookmark: at({ windows: [1, 0, 4, 4, 4] }) })),
    /these are 2 × 1/,
  ],
] as [string, () => Observable<unknown>, RegExp][]) {
  test(`refused: ${what}`, async () => {
    const { error } = await outcome(source());
    assert.match(error!.message, message);
  });
}

test.run();
