import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  choice,
  count,
  list,
  number,
  object,
  orAbsent,
  orNull,
  record,
  type Schema,
  text,
} from '../../src/check/schema.js';

const point = object({ x: number, name: orAbsent(text) });

for (const [what, schema, json, told] of [
  ['a text', text, '1', 'v must be a text, got 1'],
  ['a number', number, '"1"', 'v must be a finite number, got "1"'],
  ['a number that JSON makes infinite', number, '1e999', 'v must be a finite number, got Infinity'],
  ['a count', count, '0', undefined],
  ['a count below 0', count, '-1', 'v must be an integer from 0 up, got -1'],
  ['a count that is a fraction', count, '0.5', 'v must be an integer from 0 up, got 0.5'],
  ['a count beyond 2^53', count, '9007199254740992', 'v must be an integer from 0 up, got 9007199254740992'],
  ['null', orNull(count), 'null', undefined],
  ['something else than null', orNull(count), '""', 'v must be an integer from 0 up, got ""'],
  ['a list', list(count), '[0,1]', undefined],
  ['an object for a list', list(count), '{}', 'v must be a list, got {}'],
  ['an item of a list', list(count), '[0,-1]', 'v[1] must be an integer from 0 up, got -1'],
  ['a record', record(count), '{"a":1}', undefined],
  ['a list for a record', record(count), '[]', 'v must be an object, got []'],
  ['null for a record', record(count), 'null', 'v must be an object, got null'],
  ['a text for a record', record(count), '"a"', 'v must be an object, got "a"'],
  ['a member of a record', record(count), '{"a":null}', 'v.a must be an integer from 0 up, got null'],
  ['an object', point, '{"x":1,"name":"a"}', undefined],
  ['an object without what is optional', point, '{"x":1}', undefined],
  ['an object without what is not', point, '{}', 'v.x must be a finite number, got nothing'],
  ['an unknown member', point, '{"x":1,"y":2}', 'v has an unknown member "y"'],
  ['a long value', number, `"${'x'.repeat(60)}"`, `v must be a finite number, got "${'x'.repeat(60)}"`],
  ['a longer value', number, `"${'x'.repeat(61)}"`, `v must be a finite number, got "${'x'.repeat(60)}…"`],
  ['a value that a terminal obeys', number, '"\\u009b1m"', 'v must be a finite number, got "\\u009b1m"'],
  [
    'a member of a name that a terminal obeys',
    record(count),
    '{"\\u001b":""}',
    'v.\\u001b must be an integer from 0 up, got ""',
  ],
  ['a choice', choice('a', 'b'), '"b"', undefined],
  ['none of the choices', choice('a', 'b'), '"c"', 'v must be a or b, got "c"'],
  ['no choice', choice('a', 'b'), 'null', 'v must be a or b, got null'],
] as const satisfies readonly (readonly [string, Schema<unknown>, string, string | undefined])[]) {
  test(`${what}: ${told ?? 'taken'}`, () => {
    const value: unknown = JSON.parse(json);
    if (told === undefined) return assert.equal(schema(value, 'v'), value);
    assert.throws(
      () => schema(value, 'v'),
      (error: unknown) => error instanceof TypeError && error.message === told,
    );
  });
}

test('what is checked is a copy, without what is absent', () => {
  const value: unknown = { x: 1 };
  const checked = point(value, 'v');
  assert.is.not(checked, value);
  assert.equal(Object.keys(checked), ['x']);
});

test.run();
