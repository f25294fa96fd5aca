import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describe } from '../../src/record/describe.js';

test('JSON stays JSON, to the last bit', () => {
  for (const value of [
    null,
    true,
    0.1 + 0.2,
    5e-324,
    'a "b"\n',
    [1, [2]],
    { step: 1, loss: 4.174387269895637 },
    [],
    {},
  ]) {
    assert.is(describe(value), JSON.stringify(value));
  }
});

test('what JSON loses is still distinguished', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [undefined, 'undefined'],
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [-0, '-0'],
    [12n, '12n'],
    [Symbol('s'), 'Symbol(s)'],
    [Math.max, 'function max'],
    [[undefined, NaN], '[undefined,NaN]'],
    [Int32Array.of(7, -1), 'Int32Array [7,-1]'],
    [Float64Array.of(0.1, NaN), 'Float64Array [0.1,NaN]'],
    [new DataView(Uint8Array.of(1, 2).buffer), 'DataView [1,2]'],
    [new RangeError('too far'), 'RangeError: too far'],
    [new Map([['h', 1]]), 'Map [["h",1]]'],
    [new Set('ab'), 'Set ["a","b"]'],
    [new Date(0), 'Date 1970-01-01T00:00:00.000Z'],
    [Object.create(null), '{}'],
    [new URL('https://a.b'), 'URL {}'],
  ];
  for (const [value, text] of cases) assert.is(describe(value), text);
});

test('a cycle ends, and the same object twice is not a cycle', () => {
  const shared = { n: 1 };
  const cyclic: Record<string, unknown> = { shared, again: shared };
  cyclic['self'] = cyclic;
  assert.is(describe(cyclic), '{"shared":{"n":1},"again":{"n":1},"self":(the same again)}');
});

test.run();
