import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { arena } from '../../src/kernel/arena.js';
import { hire } from '../../src/kernel/hire.js';
import { instantiate } from '../../src/kernel/instantiate.js';

const { memory, allocate } = arena('float32');
const site = { ...instantiate('float32', memory), memory, allocate, size: 4 };

test('a thread works on the same memory', () => {
  const [hand] = hire(1, site);
  const y = allocate(5).fill(2);
  hand!.begin('scale', [y.byteOffset, 3, 5]);
  hand!.finish();
  hand!.leave();
  assert.equal([...y], [6, 6, 6, 6, 6]);
});

test('a thread whose call is cut off says so, and takes no more calls', () => {
  const [hand] = hire(1, site);
  hand!.begin('scale', [0xfffffff0, 3, 64]); // outside the memory
  assert.throws(() => hand!.finish(), /^workers: thread 1 failed: its call was cut off$/);
  assert.throws(() => hand!.begin('scale', [0, 1, 0]), /workers: thread 1 failed/);
  hand!.leave();
});

test('a thread that has ended is an error, not a wait', async () => {
  const [hand] = hire(1, site);
  hand!.leave();
  let failure: unknown;
  while (failure === undefined) {
    await new Promise(setImmediate); // its end is told by an event
    try {
      hand!.leave();
      hand!.begin('scale', [0, 1, 0]);
      hand!.leave();
    } catch (error) {
      failure = error;
    }
  }
  assert.match((failure as Error).message, /^workers: thread 1 failed: it has ended$/);
});

test.run();
