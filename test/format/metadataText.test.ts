import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { metadataText } from '../../src/format/metadataText.js';

const read = (text: string): unknown => metadataText(new Map([['config', text]]), 'config');

test('JSON is parsed, brackets in texts do not nest', () => {
  assert.equal(read('{"a":[1,"\\"[[{"]}'), { a: [1, '"[[{'] });
  assert.equal(read(JSON.stringify('['.repeat(200))), '['.repeat(200));
  assert.is(metadataText(new Map(), 'config'), undefined);
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

test('refused: what is not JSON, and a member __proto__, however it is written', () => {
  assert.throws(() => read('{'), /^config must be JSON: /);
  for (const name of ['__proto__', '\\u005f_proto__', '__pr\\u006Fto__']) {
    assert.throws(() => read(`{"a":{"${name}":1}}`), /^config must not have a member __proto__$/);
  }
});

test.run();
