// Capture and replay of passes: what invalidates a captured pass, and work between the calls of the module.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { calls, directCalls } from '../../../src/kernel/wasm/calls.js';
import { callCapture } from '../../../src/kernel/wasm/callCapture.js';
import type { Exports } from '../../../src/kernel/wasm/instantiate.js';
import { type Definition, definitions } from '../../../src/kernel/wasm/interface.js';
import { wasm } from '../../../src/kernel/wasm/wasm.js';

for (const [name, { direct, replayed, parameters, result }] of Object.entries<Definition>(definitions)) {
  const lacked = !replayed && result !== 'usize';
  test(`a call of ${name} ${lacked ? 'says first that a replay would lack it' : 'does not invalidate a pass'}`, () => {
    const made: string[] = [];
    const module = { [name]: () => made.push('call') } as unknown as Exports;
    const invalidate = (): unknown => made.push('invalidate');
    const names = Object.keys(parameters);
    if (direct) {
      const call = Reflect.get(directCalls(module, invalidate), name) as (...args: unknown[]) => unknown;
      call(...names.map(() => new Float32Array(1)));
    } else {
      const call = Reflect.get(calls(module, invalidate), name) as (args: object) => unknown;
      call(Object.fromEntries(names.map((name) => [name, new Float32Array(1)])));
    }
    assert.equal(made, lacked ? ['invalidate', 'call'] : ['call']);
  });
}

test('work between two calls is done at the same place in each replay, once per pass', () => {
  const kernel = wasm('float64');
  const [x, y] = [kernel.allocate(2).fill(1), kernel.allocate(2)];
  const repeat = kernel.scope().repeat();
  let runs = 0;
  let works = 0;
  const double = (): void => {
    works++;
    kernel.addRows(y, y, 1, 2); // of the module, but captured with the work alone
  };
  for (let pass = 1; pass < 6; pass++) {
    x.fill(pass);
    repeat(1, () => {
      runs++;
      kernel.betweenCalls(() => y.fill(9)); // before the first call
      kernel.copy(y, x, 2);
      kernel.betweenCalls(double);
      kernel.betweenCalls(double);
      kernel.addRows(y, x, 1, 2);
      kernel.betweenCalls(double); // after the last
    });
    assert.equal([...y], [10 * pass, 10 * pass]);
    assert.equal([runs, works], [Math.min(pass, 2), 3 * pass]);
  }
  kernel.betweenCalls(double); // of no pass
  repeat(1, () => runs++);
  assert.equal([runs, works, ...y], [2, 19, 50, 50]);
});

test('work before a replay is not kept where no pass is captured', async () => {
  const { beforeReplay } = callCapture({} as Exports);
  let works = 0;
  const weak = ((): WeakRef<object> => {
    const work = (): void => void works++;
    beforeReplay(work);
    return new WeakRef(work);
  })();
  await new Promise((resolve) => setTimeout(resolve, 10)); // until then a WeakRef holds what it was made of
  globalThis.gc!();
  assert.equal([works, weak.deref()], [1, undefined]);
});

test('a pass that throws while it is captured leaves nothing of it behind', () => {
  const kernel = wasm('float64');
  const y = kernel.allocate(2).fill(1);
  const repeat = kernel.scope().repeat();
  const grow = (): void => kernel.addRows(y, y, 1, 2);
  repeat(1, grow);
  const failing = (): void => {
    kernel.betweenCalls(grow);
    throw new Error('half way');
  };
  assert.throws(() => repeat(1, failing), /half way/);
  kernel.betweenCalls(grow);
  for (let pass = 0; pass < 4; pass++) repeat(1, grow);
  assert.equal([...y], [2 ** 7, 2 ** 7]);
});

test.run();
