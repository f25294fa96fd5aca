import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listNames } from '../../src/check/listNames.js';
import { showName } from '../../src/check/showName.js';
import { show } from '../../src/check/show.js';
import { visible } from '../../src/check/visible.js';
import { hostile, steers } from './hostile.js';

for (const [name, text, expected] of [
  ['ordinary text', 'Grüße, 世界! ₤ 😀 𝒳 नमस्ते', 'Grüße, 世界! ₤ 😀 𝒳 नमस्ते'],
  ['an emoji of several parts', '👩‍👩‍👧 ❤️‍🔥', '👩‍👩‍👧 ❤️‍🔥'],
  ['the joiners of words', 'می‌خواهم ක්‍ෂ', 'می‌خواهم ක්‍ෂ'],
  ['Arabic signs', '\u06dd \u0600', '\u06dd \u0600'],
  ['colours', '\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
  [
    'a title and a clipboard',
    '\u001b]0;x\u0007\u001b]52;c;eA==\u001b\\',
    '\\u001b]0;x\\u0007\\u001b]52;c;eA==\\u001b\\',
  ],
  ['C1', '\u009b31m\u0085\u009d', '\\u009b31m\\u0085\\u009d'],
  ['what goes back', 'a\bb\rc\u007f', 'a\\u0008b\\rc\\u007f'],
  ['lines and tabs', 'a\nb\tc', 'a\\nb\\tc'],
  ['separators', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
  ['directions', '\u202eabc\u2066d\u200f\u061c', '\\u202eabc\\u2066d\\u200f\\u061c'],
  ['no width', 'a\u200b\u00ad\u2060\ufeffb', 'a\\u200b\\u00ad\\u2060\\ufeffb'],
  ['a joiner that joins nothing', '\u200d \u200c', '\\u200d \\u200c'],
  ['selectors of a form', '❤\ufe0f 1\ufe0f\u20e3 葛\u{e0100}', '❤\ufe0f 1\ufe0f\u20e3 葛\\u{e0100}'],
  ['selectors of nothing', '\ufe0f ❤\ufe0f\ufe01', '\\ufe0f ❤\ufe0f\\ufe01'],
  ['fillers', '\u034f\u115f\u180b\u3164\uffa0', '\\u034f\\u115f\\u180b\\u3164\\uffa0'],
  ['tags', 'a\u{e0041}', 'a\\u{e0041}'],
  ['half a pair', 'a\ud83d', 'a\\ud83d'],
] as const) {
  test(`writes ${name}`, () => assert.is(visible(text), expected));
}

test('writes every character that is ignored where it is unknown, alone and after a letter', () => {
  const kept = /\u200c|\u200d|[\ufe00-\ufe0f]/; // after a letter
  let count = 0;
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    if (!/\p{Default_Ignorable_Code_Point}/u.test(character)) continue;
    count++;
    assert.match(visible(character), /^\\u/, code.toString(16));
    if (!kept.test(character)) assert.match(visible(`a${character}`), /^a\\u/, code.toString(16));
  }
  assert.ok(count > 4000);
});

test('keeps line feeds and tabs where lines are the text’s own', () => {
  assert.is(visible('a\r\n\tb\u001b[2J\n', { lines: true }), 'a\\r\n\tb\\u001b[2J\n');
});

test('cuts by code points', () => {
  assert.is(visible('abc', { most: 3 }), 'abc');
  assert.is(visible('abcd', { most: 3 }), 'abc…');
  assert.is(visible('😀😀😀', { most: 2 }), '😀😀…');
  assert.is(visible('😀😀', { most: 2 }), '😀😀');
  assert.is(visible('\n'.repeat(9), { most: 2 }), '\\n\\n…');
  assert.is(visible('x'.repeat(1 << 22), { most: 60 }).length, 61);
});

test('nothing in 20,000 hostile texts steers a terminal', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      for (const written of [
        visible(text),
        visible(text, { most: 5 }),
        show(text),
        show([text]),
        showName(text),
        listNames([text, text]),
      ]) {
        assert.not(steers(written), JSON.stringify(written));
      }
      assert.not(steers(visible(text, { lines: true }), '\n\t'));
    }),
    { numRuns: 20_000 },
  );
});

test('a name is written without quotes and cut after 60 characters', () => {
  assert.is(showName('layer.weight'), 'layer.weight');
  assert.is(showName('x'.repeat(60)), 'x'.repeat(60));
  assert.is(showName('x'.repeat(61)), `${'x'.repeat(60)}…`);
});

test('a list of 90,000 names is short', () => {
  const names = Array.from({ length: 90_000 }, (_, i) => `${'layer.'.repeat(100)}${i}\u001b[2J`);
  assert.ok(listNames(names).length < 20 * 65 + 40);
  assert.match(listNames(names), / and 89980 more$/);
  assert.is(listNames(['a', 'b']), 'a, b');
  assert.is(listNames(new Set(['a']), show), '"a"');
  assert.is(listNames([]), '');
});

test.run();
