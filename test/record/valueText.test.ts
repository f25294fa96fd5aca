import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseValue } from '../../src/record/parseValue.js';
import { valueText } from '../../src/record/valueText.js';

const refused = (message: string, at: number): never => {
  throw new Error(`${message}, at ${at}`);
};
function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)];
}

for (const [what, value, text] of [
  ['a map', new Map([['h', Float64Array.of(-0, 0.1)]]), 'Map [["h",Float64Array [-0,0.1]]]'],
  ['a map of maps', new Map([[1, new Map()]]), 'Map [[1,Map []]]'],
  ['maps in objects', { state: new Map([['c', null]]) }, '{"state":Map [["c",null]]}'],
] as const) {
  test(`${what} has a text, and comes back`, () => {
    assert.is(valueText(value), text);
    assert.equal(parseValue(text, 0, refused), value);
  });
}

for (const [what, text, message] of [
  ['without pairs', 'Map [1]', 'expected a key and a value as pair 1 of a Map, at 4'],
  ['of three', 'Map [[1,2],[3,4,5]]', 'expected a key and a value as pair 2 of a Map, at 4'],
  ['with a key twice', 'Map [[1,2],[1,3]]', 'expected another key as pair 2 of a Map, at 4'],
  ['with a key that it does not keep', 'Map [[-0,2]]', 'expected another key as pair 1 of a Map, at 4'],
  ['that is not a list', 'Map {}', 'expected a value, got "Map", at 0'],
] as const) {
  test(`refuses a map ${what}`, () => {
    assert.throws(
      () => parseValue(text, 0, refused),
      (error: unknown) => (error as Error).message === message,
    );
  });
}

for (const [what, value, got] of [
  ['a function', [() => 1], 'a function'],
  ['a symbol', Symbol('s'), 'a symbol'],
  ['a bigint', 1n, 'a bigint'],
  ['a set', new Set(), 'an instance of Set'],
  ['a date', { at: new Date(0) }, 'an instance of Date'],
  ['a map of another class', new (class Atlas extends Map {})(), 'an instance of Atlas'],
  ['a set in a map', new Map([['a', new Set()]]), 'an instance of Set'],
  ['what is nested too deep', nested(101), 'what is nested deeper than 100'],
] as const) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => valueText(value),
      (error: unknown) =>
        error instanceof TypeError &&
        error.message === `valueText: a value to record must be plain data, got ${got}; map it first`,
    );
  });
}

test('what is nested as deep as may be comes back, maps too', () => {
  for (const value of [nested(100), new Map([['a', nested(98)]])]) {
    assert.is(valueText(parseValue(valueText(value), 0, refused)), valueText(value));
  }
  assert.throws(() => valueText(new Map([['a', nested(99)]])), /nested deeper than 100/);
});

test('a cycle is refused', () => {
  const cycle = new Map<string, unknown>();
  cycle.set('itself', cycle);
  assert.throws(() => valueText(cycle), /nested deeper than 100/);
});

test.run();
