import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { queue } from '../../src/flow/queue.js';
import { LARGE } from '../support/large.js';
import { processorTime } from '../support/processorTime.js';
import { lehmer } from './support.js';

test('does what an array does with push and shift (20 000 random steps)', () => {
  const random = lehmer(3);
  const ours = queue<number>();
  const array: number[] = [];
  for (let step = 0; step < 20_000; step++) {
    const growing = Math.floor(step / 1000) % 2 === 0;
    const choice = random();
    if (choice < 0.001) {
      ours.clear();
      array.length = 0;
    } else if (choice < (growing ? 0.6 : 0.4)) {
      ours.push(step);
      array.push(step);
    } else if (array.length > 0) {
      assert.is(ours.shift(), array.shift());
    }
    assert.is(ours.length, array.length);
  }
});

test('a long queue is emptied in linear time', () => {
  const long = queue<number>();
  for (let i = 0; i < LARGE; i++) long.push(i);
  const started = processorTime();
  for (let i = 0; i < LARGE; i++) if (long.shift() !== i) assert.unreachable('out of order');
  assert.ok(processorTime() - started < 2000, 'Array.prototype.shift would take minutes');
});

test.run();
