import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Track } from '../../src/record/recording.js';
import { svg } from '../../src/record/svg.js';

const tracks: readonly Track[] = [
  {
    title: 'a < b',
    marbles: [
      { step: 1, kind: 'N', value: 'h' },
      { step: 2, kind: 'N', value: 4.17 },
      { step: 2, kind: 'N', value: '<' },
      { step: 3, kind: 'C' },
    ],
  },
  { title: 'none', marbles: [{ step: 9, kind: 'E', error: { name: 'Error', message: 'a & b' } }] },
];
const count = (text: string, part: string | RegExp): number => text.split(part).length - 1;

test('a circle a value, a line a track, a bar for the end and a cross for an error', () => {
  const picture = svg(tracks);
  assert.is(count(picture, '<circle '), 3);
  assert.is(count(picture, '<path '), 4);
  assert.is(count(picture, /<svg .*xmlns="http:\/\/www.w3.org\/2000\/svg"/), 1);
});

test('letters are explained, characters are not, and both are escaped', () => {
  const picture = svg(tracks);
  assert.match(picture, '>a := 4.17<');
  assert.match(picture, '>✕ := Error: a &amp; b<');
  assert.match(picture, '>a &lt; b<');
  assert.match(picture, 'text-anchor="middle">&lt;<');
  assert.not.match(picture, 'h :=');
});

test('only the stretch is drawn', () => {
  const picture = svg(tracks, { from: 2, to: 2 });
  assert.is(count(picture, '<circle '), 2);
  assert.is(count(picture, '<path '), 2);
});

test('every tag is closed', () => {
  const open: string[] = [];
  for (const [, close, name, single] of svg(tracks).matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
    if (close === '/') assert.is(open.pop(), name);
    else if (single !== '/') open.push(name!);
  }
  assert.equal(open, []);
});

test('200,000 marbles of one step, and 20,000 different values, are drawn', () => {
  const marbles = Array.from({ length: 200_000 }, (_, i) => ({ step: 1, kind: 'N' as const, value: i % 20_000 }));
  const picture = svg([{ title: 'many', marbles }]);
  assert.is(count(picture, '<circle '), 200_000);
  assert.is(count(picture, ' := '), 20_000);
  assert.match(picture, `y="${56 / 2 + 8 * 199_999 + 4}"`);
});

test.run();
