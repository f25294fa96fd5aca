import { setTimeout } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { closed } from '../../src/source/closed.js';
import { write } from '../../src/source/write.js';
import { quick, slow } from './slow.js';

/** What `closed` of a stream does, as it happens. */
function watched(stream: Parameters<typeof closed>[0]): string[] {
  const seen: string[] = [];
  closed(stream).subscribe({
    next: () => seen.push('next'),
    error: () => seen.push('error'),
    complete: () => seen.push('complete'),
  });
  return seen;
}

test('says nothing while the stream is read, also when it drains', async () => {
  const { stream, flush } = slow();
  const seen = watched(stream);
  write('a', stream).subscribe();
  flush();
  await setTimeout(1);
  assert.equal(seen, []);
});

test('emits and completes when the reader leaves, before the event loop has its turn', () => {
  const stream = quick(1);
  const seen = watched(stream);
  write('a', stream).subscribe();
  assert.equal(seen, []);
  write('b', stream).subscribe();
  assert.equal(seen, ['next', 'complete']);
});

test('emits at once where the reader has left', async () => {
  const stream = quick(0);
  write('a', stream).subscribe();
  assert.equal(watched(stream), ['next', 'complete']);
  const destroyed = quick().destroy();
  await setTimeout(1);
  assert.equal(watched(destroyed), ['next', 'complete']);
});

test('still watches after a drain', async () => {
  const { stream, flush } = slow();
  const seen = watched(stream);
  write('a', stream).subscribe();
  flush();
  await setTimeout(1);
  stream.destroy();
  await setTimeout(1);
  assert.equal(seen, ['next', 'complete']);
});

test('other errors are not its business', async () => {
  const stream = quick(0, 'ENOSPC');
  const seen = watched(stream);
  write('a', stream).subscribe({ error() {} });
  await setTimeout(1);
  assert.equal([seen, watched(stream)], [[], []]);
});

test('leaves nothing behind when it is unsubscribed', async () => {
  const stream = quick(0);
  const seen: string[] = [];
  closed(stream)
    .subscribe(() => seen.push('next'))
    .unsubscribe();
  write('a', stream).subscribe();
  await setTimeout(1);
  assert.equal(seen, []);
});

test.run();
