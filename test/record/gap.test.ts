import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dashes } from '../../src/record/dashes.js';

test('dashes while they are short, then milliseconds; always milliseconds for parts of a frame', () => {
  assert.equal([0, 1, 8, 9, 1500, 2.5].map(dashes), ['', '-', '--------', ' 9ms ', ' 1500ms ', ' 2.5ms ']);
});

test.run();
