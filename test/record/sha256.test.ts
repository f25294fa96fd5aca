import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sha256 } from '../../src/record/sha256.js';

test('is the SHA-256 of the platform, at every length around the blocks', () => {
  for (const length of [0, 1, 3, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 1000, 4097]) {
    const data = Uint8Array.from({ length }, (_, i) => (i * 131 + length) & 255);
    assert.is(sha256(data), createHash('sha256').update(data).digest('hex'), `${length} bytes`);
  }
});

test('knows the example of the standard', () => {
  assert.is(sha256(Uint8Array.of(97, 98, 99)), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test.run();
