import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { parseJson } from '../../src/check/parseJson.js';

const read = (text: string, most?: number): unknown => parseJson('config', text, most);

test('JSON is parsed as by JSON.parse', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      fc.pre(!text.includes('__proto__'));
      assert.equal(read(text), JSON.parse(text));
      assert.equal(read(JSON.stringify(JSON.parse(text), null, 2)), JSON.parse(text));
    }),
    { numRuns: 300 },
  );
});

test('a number beyond float64 is refused, others are read', () => {
  for (const number of ['1e999', '-1e999', '1E+309', '1.8e308', `1${'0'.repeat(309)}`, '0.1e310']) {
    for (const text of [number, `[1,${number}]`, `{"a":${number} }`]) {
      assert.throws(() => read(text), /^config must have numbers below 1\.8e308, got "/);
    }
  }
  for (const text of ['1.7e308', '1e-999', '[1,-0.5e1,0]', '"1e999"', `1${'0'.repeat(308)}`, `0.${'1'.repeat(400)}`]) {
    assert.equal(read(text), JSON.parse(text));
  }
  for (const text of ['1e', '1e+', '1.e5', '1e5e5', '1ee999'])
    assert.throws(() => read(text), /^config must be JSON: /);
});

test('brackets, colons and quotes in texts are none of JSON', () => {
  assert.equal(read('{"a":[1,"\\"[[{:\\\\"],"b:":":"}'), { a: [1, '"[[{:\\'], 'b:': ':' });
  assert.equal(read(JSON.stringify('['.repeat(200))), '['.repeat(200));
});

test('more than 100 nested values are refused, however many there are', () => {
  assert.ok(read('['.repeat(100) + ']'.repeat(100)));
  for (const depth of [101, 3000, 1_000_000]) {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const text = `${open.repeat(depth)}1${close.repeat(depth)}`;
      assert.throws(() => read(text), /^config must have at most 100 nested values$/);
    }
  }
});

test('more values than asked for are refused, whatever they are', () => {
  for (const text of ['[1,2,3]', '{"a":1,"b":[2]}', '[[[]]]', '[{"a":1},2]']) {
    assert.equal(read(text, 4), JSON.parse(text));
    assert.throws(() => read(text, 2), /^config must have at most 2 values$/);
  }
});

for (const [what, text, name] of [
  ['beside each other', '{"a":1,"a":1}', '"a"'],
  ['apart', '{"a":1,"b":[{"c":1},"a"],"a":2}', '"a"'],
  ['of an object in a list', '[{"a":1},{"b":1,"b":2}]', '"b"'],
  ['after an object of the same names', '{"o":{"a":1},"a":2,"o":3}', '"o"'],
  ['with white space', '{ "a" : 1 ,\n\t"a"\r: 2 }', '"a"'],
  ['by an escape', '{"a":1,"\\u0061":2}', '"a"'],
  ['of no characters', '{"":1,"":2}', '""'],
  ['of Object.prototype', '{"constructor":1,"constructor":2}', '"constructor"'],
] as const) {
  test(`a name twice is refused: ${what}`, () => {
    assert.throws(
      () => read(text),
      (error: Error) =>
        error instanceof TypeError &&
        error.message === `config must have each member once, got ${name} twice: leave one of the two`,
    );
  });
}

test('one name in several objects, and one text as name and value, are none twice', () => {
  for (const text of ['[{"a":1},{"a":2}]', '{"a":{"a":{"a":1}}}', '{"a":"a","b":"a"}', '{"a":[{"a":1}],"b":{"a":1}}'])
    assert.equal(read(text), JSON.parse(text));
});

test('refused: what is not JSON, and a member __proto__, however it is written', () => {
  for (const text of ['{', '', '"', '{"a"', ':', '[:', '{"a":1]', ']', '{a:1}', '"a', '{"\n":1}', '[1,]', '\\:', 'NaN'])
    assert.throws(
      () => read(text),
      (error: Error) => error instanceof TypeError && error.message.startsWith('config must be JSON: '),
      text,
    );
  for (const name of ['__proto__', '\\u005f_proto__', '__pr\\u006Fto__']) {
    assert.throws(() => read(`{"a":{"${name}":1}}`), /^config must not have a member __proto__$/);
  }
});

test('whatever the text, it is parsed or refused by a TypeError', () => {
  const marks = fc.array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '"a"', '"b"', '1', '\\', ' '), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(marks, (parts) => {
      try {
        read(parts.join(''));
      } catch (error) {
        assert.instance(error, TypeError);
        return;
      }
      JSON.parse(parts.join(''));
    }),
    { numRuns: 3000 },
  );
});

test.run();
