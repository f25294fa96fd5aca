import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { difference } from '../../src/record/difference.js';
import type { Marble, Recording } from '../../src/record/recording.js';

const recording = (tracks: Readonly<Record<string, readonly unknown[]>>): Recording => ({
  about: null,
  tracks: Object.entries(tracks).map(([title, values]) => ({
    title,
    marbles: [
      ...values.map((value, i): Marble => ({ step: i + 1, kind: 'N', value })),
      { step: values.length, kind: 'C' },
    ],
  })),
});

test('the same run does not differ, odd numbers and all', () => {
  const run = { losses: [NaN, -0, Infinity, 5e-324], tokens: [Int32Array.of(1)] };
  assert.is(difference(recording(run), recording(run)), undefined);
});

test('of 50,000 tracks each is looked up once', () => {
  let reads = 0;
  const tracks = Array.from({ length: 50_000 }, (_, i) => ({
    get title() {
      reads += 1;
      return `track ${i}`;
    },
    marbles: [],
  }));
  assert.is(difference({ about: null, tracks }, { about: null, tracks }), undefined);
  assert.ok(reads < 500_000, `${reads} reads`);
});

test('names the first marble that differs, with both diagrams', () => {
  const found = difference(recording({ losses: [4.2, 4.1, 4.01, 4] }), recording({ losses: [4.2, 4.1, 4.02, 3] }));
  assert.is(found?.message, 'losses: marble 3, at step 3, differs: expected 4.01, got 4.02');
  assert.equal(found?.details.split('\n'), [
    'Expected:  -abc(d|)',
    'Actual:    -abe(f|)',
    '',
    'a := 4.2',
    'b := 4.1',
    'c := 4.01',
    'd := 4',
    'e := 4.02',
    'f := 3',
  ]);
});

for (const [what, one, other, message] of [
  ['one bit', [0.1], [0.1 + 2 ** -56], 'x: marble 1, at step 1, differs: expected 0.1, got 0.10000000000000002'],
  ['the sign of zero', [0], [-0], 'x: marble 1, at step 1, differs: expected 0, got -0'],
  ['a kind of array', [Int32Array.of(1)], [[1]], 'x: marble 1, at step 1, differs: expected Int32Array [1], got [1]'],
  ['an end too early', [1, 2], [1], 'x: marble 2, at step 1, differs: expected 2 at step 2, got the end at step 1'],
] as const) {
  test(`tells ${what}`, () => {
    assert.is(difference(recording({ x: one }), recording({ x: other }))?.message, message);
  });
}

test('the earliest step counts, whatever the track', () => {
  const found = difference(recording({ a: [1, 2, 3], b: [1, 2, 3] }), recording({ a: [1, 2, 9], b: [1, 9, 9] }));
  assert.equal([found?.title, found?.index, found?.step], ['b', 1, 2]);
});

test('only the tracks that are named', () => {
  const [one, other] = [recording({ a: [1], b: [1] }), recording({ a: [1], b: [2] })];
  assert.is(difference(one, other, { titles: ['a'] }), undefined);
});

test('a track that is missing differs', () => {
  assert.is(
    difference(recording({ a: [1] }), recording({}))?.message,
    'a: marble 1, at step 1, differs: expected 1 at step 1, got nothing',
  );
  const empty: Recording = { about: null, tracks: [{ title: 'a', marbles: [] }] };
  assert.is(difference(empty, recording({}))?.message, 'a: the track differs: expected nothing, got nothing');
});

test('far into a long run only the neighbourhood is drawn', () => {
  const long = Array.from({ length: 5000 }, (_, i) => i % 3);
  const found = difference(recording({ x: long }), recording({ x: long.with(4000, 7) }));
  assert.is(found?.details.split('\n')[0], 'from step 3989');
  assert.ok(found!.details.length < 300);
});

test.run();
