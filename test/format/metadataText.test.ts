import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { metadataText } from '../../src/format/metadataText.js';

const read = (text: string, most?: number): unknown => metadataText(new Map([['config', text]]), 'config', most);

test('a text is parsed, and none is undefined', () => {
  assert.equal(read('{"a":[1,"\\"[[{"]}'), { a: [1, '"[[{'] });
  assert.is(metadataText(new Map(), 'config'), undefined);
});

test('a text has at most 20,000 values, where nothing else counts them', () => {
  const list = (length: number): string => JSON.stringify(Array.from({ length }, () => 0));
  assert.is((read(list(19_999)) as unknown[]).length, 19_999);
  assert.throws(() => read(list(20_001)), /^config must have at most 20000 values$/);
  assert.is((read(list(20_001), Infinity) as unknown[]).length, 20_001);
});

test('what parseJson refuses is refused', () => {
  assert.throws(() => read('{"a":1,"a":2}'), /^config must have each member once, got "a" twice/);
});

test.run();
