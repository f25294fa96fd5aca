import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { byteVocabulary } from '../../src/token/byteVocabulary.js';

test('the token of a byte is the byte', () => {
  assert.is(byteVocabulary.size, 256);
  for (let byte = 0; byte < 256; byte++) assert.is(byteVocabulary.token(String.fromCharCode(byte)), byte);
});

test('its symbols joined are the bytes as Latin-1', () => {
  const bytes = Buffer.from('naïve ☂', 'utf8');
  const text = Array.from(bytes, (byte) => byteVocabulary.symbol(byte)).join('');
  assert.equal(Buffer.from(text, 'latin1'), bytes);
});

test.run();
