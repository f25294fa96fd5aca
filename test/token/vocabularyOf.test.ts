import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { vocabularyOf } from '../../src/token/vocabularyOf.js';

test('keeps the order of the list', () => {
  const v = vocabularyOf(['b', 'a', '']);
  assert.equal(v.symbols, ['b', 'a', '']);
  assert.equal([v.token('b'), v.token('a'), v.token('')], [0, 1, 2]);
});

test('does not change with the list', () => {
  const list = ['a', 'b'];
  const v = vocabularyOf(list);
  list.push('c');
  assert.equal(v.symbols, ['a', 'b']);
});

test('its list cannot be changed', () => {
  assert.throws(() => (vocabularyOf(['a']).symbols as string[]).push('b'), /not extensible/);
});

test('unknown is a token of the list', () => {
  assert.is(vocabularyOf(['a', '?'], { unknown: '?' }).unknown, 1);
});

for (const token of [-1, 2, 0.5, NaN, Infinity]) {
  test(`the symbol of ${token} is a RangeError`, () => {
    assert.throws(
      () => vocabularyOf(['a', 'b']).symbol(token),
      (error: unknown) =>
        error instanceof RangeError && error.message === `symbol: token ${token} is outside the vocabulary of 2`,
    );
  });
}

const refused: readonly (readonly [name: string, make: () => unknown, kind: typeof Error, message: string])[] = [
  [
    'an empty list',
    () => vocabularyOf([]),
    RangeError,
    'vocabularyOf: a vocabulary needs at least one symbol, got none',
  ],
  [
    'a symbol that occurs twice',
    () => vocabularyOf(['a', 'b', 'a']),
    RangeError,
    'vocabularyOf: symbols must differ, got "a" as 0 and 2',
  ],
  [
    'a number',
    () => vocabularyOf(['a', 7 as unknown as string]),
    TypeError,
    'vocabularyOf: symbol 1 must be a string, got 7',
  ],
  [
    'null',
    () => vocabularyOf([null as unknown as string]),
    TypeError,
    'vocabularyOf: symbol 0 must be a string, got null',
  ],
  [
    'a hole',
    // oxlint-disable-next-line eslint/no-sparse-arrays
    () => vocabularyOf(['a', , 'b'] as string[]),
    TypeError,
    'vocabularyOf: symbol 1 must be a string, got undefined',
  ],
  [
    'a string for a list',
    () => vocabularyOf('abc' as unknown as string[]),
    TypeError,
    'vocabularyOf: expected an array of symbols, got "abc"',
  ],
  [
    'an unknown that the list lacks',
    () => vocabularyOf(['a'], { unknown: '?' }),
    RangeError,
    'vocabularyOf: unknown must be one of the symbols, got "?"',
  ],
];
for (const [name, make, kind, message] of refused) {
  test(`refuses ${name}`, () => {
    assert.throws(make, (error: unknown) => error instanceof kind && error.message === message);
  });
}

test.run();
