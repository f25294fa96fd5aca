import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shareCall } from '../../../src/kernel/threads/shareCall.js';
import type { Call } from '../../../src/kernel/threads/sharedCall.js';
import { threads } from '../../../src/kernel/threads/threads.js';
import { wasm } from '../../../src/kernel/wasm/wasm.js';

const call: Call = { name: 'scale', args: [0, 3, 10], counted: 2, each: 10, strides: [4] };
const fail = (why: string) => (): never => {
  throw new Error(why);
};

test('a call that fails on one thread ends when all of the others are done', () => {
  for (const [broken, message] of [
    ['begin', 'cannot begin'],
    ['finish', 'cannot finish'],
    ['takeParts', 'cannot take'],
  ] as const) {
    const events: string[] = [];
    const log = (event: string) => () => void events.push(event);
    const common = { publish: log('publish'), takeParts: broken === 'takeParts' ? fail(message) : log('take') };
    const first = { begin: log('begin 1'), finish: log('finish 1') };
    const workers = [broken === 'takeParts' ? first : { ...first, [broken]: fail(message) }];
    workers.push({ begin: log('begin 2'), finish: log('finish 2') });
    assert.throws(() => shareCall(common, workers, call), new RegExp(`^${message}$`), broken);
    assert.is(events.at(-1), 'finish 2', broken);
    assert.ok(events.includes('begin 2'), broken);
  }
});

test('after a call that failed, large calls are refused until the team is closed', () => {
  const kernel = wasm('float32', threads(2));
  const [rows, width] = [400, 400];
  const [w, x, y] = [width * width, rows * width, rows * width].map((length) => kernel.allocate(length).fill(1));
  const matrix = kernel.matrix(w!, width, width);
  const outside = { ...y!, byteOffset: 2 ** 32 - 64 } as unknown as typeof y; // no memory is there: a trap
  assert.throws(() => matrix.multiply(outside!, x!, rows), /^workers: a call was not done \(/);
  assert.throws(() => matrix.multiply(y!, x!, rows), /model\.kernel\.close\(\)$/);
  kernel.close();
  y!.fill(0);
  matrix.multiply(y!, x!, rows);
  assert.ok(y!.every((value) => value === width));
});

test.run();
