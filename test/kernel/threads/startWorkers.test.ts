import { from } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { arena } from '../../../src/kernel/wasm/arena.js';
import { type SharedCall, sharedCall, type Call } from '../../../src/kernel/threads/sharedCall.js';
import { type WorkerHandle, startWorkers } from '../../../src/kernel/threads/startWorkers.js';
import { instantiate } from '../../../src/kernel/wasm/instantiate.js';
import * as library from '../../../src/index.js';

const { allocate, ...rest } = arena('float32');
const site = { ...instantiate('float32', rest.memory), ...rest, allocate, size: 4 };

/** y, multiplied by 3 in parts of 10 numbers. */
const tripled = (at: number, length: number): Call => ({
  name: 'scale',
  args: [at, 3, length],
  counted: 2,
  each: 10,
  strides: [4],
});

/** A shared call and the one thread that takes parts of it. */
function oneWorker(): { common: SharedCall; worker: WorkerHandle } {
  const common = sharedCall(site.exports, 1);
  return { common, worker: startWorkers(1, site, common)[0]! };
}

/** Waits, without the event loop, until a thread has taken a part. */
function untilTaken(next: Int32Array): void {
  while (Atomics.load(next, 0) === 0);
}

test('threads take the parts of a call on the same memory, each part once', () => {
  const common = sharedCall(site.exports, 2);
  const workers = startWorkers(2, site, common);
  const y = allocate(1005).fill(2);
  const call = tripled(y.byteOffset, 1005);
  for (let round = 0; round < 200; round++) {
    y.fill(2);
    common.publish(call);
    for (const worker of workers) worker.begin();
    common.takeParts(call);
    for (const worker of workers) worker.finish();
    assert.ok(y.every((value) => value === 6));
  }
  for (const worker of workers) worker.leave();
});

test('a thread alone does a whole call', () => {
  const { common, worker } = oneWorker();
  const y = allocate(25).fill(2);
  common.publish(tripled(y.byteOffset, 25));
  worker.begin();
  untilTaken(common.next);
  worker.finish();
  worker.leave();
  assert.ok(y.every((value) => value === 6));
});

test('a thread that has taken nothing is not waited for', () => {
  const { common, worker } = oneWorker();
  const y = allocate(25).fill(2);
  const call = tripled(y.byteOffset, 25);
  common.publish(call);
  worker.begin(); // it is only being started
  common.takeParts(call);
  worker.finish();
  worker.leave();
  assert.ok(y.every((value) => value === 6));
});

test('a thread whose part is cut off says so, and takes no more calls', () => {
  const { common, worker } = oneWorker();
  common.publish(tripled(0xfffffff0, 64)); // outside the memory
  worker.begin();
  untilTaken(common.next);
  assert.throws(() => worker.finish(), /^workers: thread 1 failed: its call was cut off$/);
  assert.throws(() => worker.begin(), /workers: thread 1 failed/);
  worker.leave();
});

test('a thread that has ended is an error, not a wait', async () => {
  const { worker } = oneWorker();
  worker.leave();
  let failure: unknown;
  while (failure === undefined) {
    await new Promise(setImmediate); // an event reports its end
    try {
      worker.leave();
      worker.begin();
      worker.leave();
    } catch (error) {
      failure = error;
    }
  }
  assert.match((failure as Error).message, /^workers: thread 1 failed: it has ended$/);
});

test('every optimizer learns with workers to the bits of one thread, its longest list of arguments included', () => {
  const { adam, adamw, linear, rmsprop, sequential, sgd, stateDict, train } = library;
  const inputs = Float32Array.from({ length: 200 }, (_, i) => (i % 7) / 7 - 0.5);
  const window = { steps: 1, lanes: 1, inputs, targets: Int32Array.of(3) };
  const makers = {
    adam: () => adam({ amsgrad: true }),
    adamw: () => adamw(),
    rmsprop: () => rmsprop({ centered: true, momentum: 0.5 }),
    sgd: () => sgd({ learningRate: 0.1, momentum: 0.9 }),
  };
  for (const [name, make] of Object.entries(makers)) {
    const [one, two] = [1, 2].map((workers) => {
      const model = sequential({ linear: linear({ inputSize: 200, outputSize: 200 }) }, { workers });
      from([window, window, window])
        .pipe(train(model, { optimizer: make() }))
        .subscribe();
      const weight = stateDict(model).get('linear.weight')!.data.join();
      model.dispose();
      return weight;
    });
    assert.is(two, one, name);
  }
});

test.run();
