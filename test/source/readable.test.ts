import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { map, take } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pull } from '../../src/flow/pull.js';
import { readable } from '../../src/source/readable.js';
import { all, outcome } from './temporary.js';

test('hands out the chunks of a stream', async () => {
  const bytes$ = pull(readable(() => Readable.from([Buffer.from('ab'), Buffer.from('c')], { objectMode: false })));
  assert.is(Buffer.concat(await all(bytes$)).toString(), 'abc');
});

test('hands out the objects of a stream one by one', async () => {
  assert.equal(await all(pull(readable<number>(() => Readable.from([1, 2, 3])))), [1, 2, 3]);
});

test('an empty stream completes', async () => {
  assert.equal(await all(pull(readable(() => Readable.from([])))), []);
});

test('opens the stream again for each subscription', async () => {
  let opened = 0;
  const numbers$ = pull(
    readable<number>(() => {
      opened++;
      return Readable.from([1, 2]);
    }),
  );
  assert.equal([await all(numbers$), await all(numbers$), opened], [[1, 2], [1, 2], 2]);
});

test('makes no promise while something is buffered', async () => {
  const stream = Readable.from([1, 2, 3]);
  const cursor = readable<number>(() => stream)();
  await cursor.next();
  await setTimeout(5);
  assert.equal(cursor.next(), { value: 2, done: false });
});

test('unsubscribing destroys the stream', () => {
  const stream = Readable.from([1, 2, 3]);
  const subscription = pull(readable<number>(() => stream)).subscribe();
  subscription.unsubscribe();
  assert.ok(stream.destroyed);
});

test('leaving after some values destroys the stream', async () => {
  const stream = Readable.from([1, 2, 3]);
  assert.equal(await all(pull(readable<number>(() => stream)).pipe(take(2))), [1, 2]);
  assert.ok(stream.destroyed);
});

test('unsubscribing while a read is pending destroys the stream and emits nothing more', async () => {
  const quiet = new Readable({ read() {} });
  const seen: unknown[] = [];
  const subscription = pull(readable(() => quiet)).subscribe({
    next: (value) => seen.push(value),
    error: (error) => seen.push(error),
    complete: () => seen.push('complete'),
  });
  await setTimeout(5);
  subscription.unsubscribe();
  assert.ok(quiet.destroyed);
  await setTimeout(5);
  assert.equal(seen, []);
});

test('an error of the stream arrives once, after what was read before', async () => {
  const stream = Readable.from(
    (function* () {
      yield 1;
      throw new Error('the disk is gone');
    })(),
    { highWaterMark: 1 },
  );
  let errors = 0;
  const counted$ = pull(readable<number>(() => stream));
  const { values, error } = await outcome(counted$.pipe(map((value) => value)));
  if (error) errors++;
  await setTimeout(5);
  assert.equal([values, error?.message, errors], [[1], 'the disk is gone', 1]);
});

test('an error while a read is pending arrives', async () => {
  const quiet = new Readable({ read() {} });
  const failed = outcome(pull(readable(() => quiet)));
  await setTimeout(5);
  quiet.destroy(new Error('pulled out'));
  assert.is((await failed).error?.message, 'pulled out');
});

test('a stream closed before its end is an error', async () => {
  const quiet = new Readable({ read() {} });
  const failed = outcome(pull(readable(() => quiet)));
  await setTimeout(5);
  quiet.destroy();
  assert.is((await failed).error?.message, 'the stream was closed before its end');
});

test('reads no further ahead than the buffer of the stream', async () => {
  let given = 0;
  const stream = new Readable({
    objectMode: true,
    highWaterMark: 4,
    read() {
      this.push(++given);
    },
  });
  const cursor = readable<number>(() => stream)();
  await cursor.next();
  await setTimeout(10);
  assert.ok(given <= 6, `read ${given}`);
  cursor.return?.();
});

test.run();
