import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createKernel } from '../../src/kernel/createKernel.js';

for (const [what, options, message] of [
  ['no workers', { workers: 0 }, /rnn: workers must be an integer from 1 to 64, got 0/],
  ['half a worker', { workers: 1.5 }, /workers must be an integer from 1 to 64, got 1.5/],
  ['workers of the plain kernel', { backend: 'plain', workers: 2 }, /backend plain has no workers, got 2/],
  ['an unknown backend', { backend: 'gpu' as 'plain' }, /backend must be one of wasm, plain, native, got "gpu"/],
] as const) {
  test(`${what} are refused`, () => assert.throws(() => createKernel('rnn', 'float32', options), message));
}

for (const backend of ['wasm', 'plain'] as const) {
  test(`${backend} gives zeros of the dtype`, () => {
    assert.equal([...createKernel('rnn', 'float64', { backend }).allocate(3)], [0, 0, 0]);
    assert.ok(createKernel('rnn', 'float32', { backend }).allocate(1) instanceof Float32Array);
  });
}

test.run();
