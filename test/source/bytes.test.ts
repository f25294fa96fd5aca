import { take } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bookmark } from '../../src/flow/bookmark.js';
import { bytes } from '../../src/source/bytes.js';
import { all, fileClosed, outcome, temporary } from './temporary.js';

test('emits every byte', async () => {
  const content = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7) % 256);
  assert.equal(Uint8Array.from(await all(bytes(temporary(content)))), content);
});

test('an empty file completes', async () => assert.equal(await all(bytes(temporary(''))), []));

test('a missing file is an error that names it', async () => {
  assert.is((await outcome(bytes('nowhere.bin'))).error?.message, 'nowhere.bin: there is no such file');
});

test('a bookmark at the end of the file completes', async () => {
  const mark = bookmark({ epoch: 0, stages: { bytes: [3] } });
  assert.equal(await all(bytes(temporary('abc'), { bookmark: mark })), []);
});

test('leaving closes the file', async () => {
  const path = temporary('abc');
  assert.equal(await all(bytes(path).pipe(take(2))), [97, 98]);
  await fileClosed(path);
});

test.run();
