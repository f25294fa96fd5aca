// The allocator of a kernel's memory: arrays that are lent never overlap, are zeros and are lent again; and what a kernel
// does with scopes of them.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { plain } from '../../../src/kernel/plain/plain.js';
import { arena } from '../../../src/kernel/wasm/arena.js';
import { threads } from '../../../src/kernel/threads/threads.js';
import { wasm } from '../../../src/kernel/wasm/wasm.js';
import type { Numbers } from '../../../src/types.js';

type Lent = Numbers | Int32Array;

/** Lends an array of a length, or takes back the one at a place. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ length: fc.integer({ min: 0, max: 3000 }), tokens: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ back: fc.nat(1000) }) },
);

for (const dtype of ['float32', 'float64'] as const) {
  test(`${dtype}: arrays lent and taken back in any order are zeros, aligned, and of nobody else`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { allocate, integers, free, memory } = arena(dtype);
        const lent: { array: Lent; mark: number }[] = [];
        for (const [i, step] of steps.entries()) {
          if ('back' in step) {
            if (lent.length > 0) free(lent.splice(step.back % lent.length, 1)[0]!.array);
            continue;
          }
          const array = step.tokens ? integers(step.length) : allocate(step.length);
          assert.is(array.length, step.length);
          assert.is(array.byteOffset % 64, 0);
          assert.ok(
            array.byteOffset + array.byteLength + 64 <= memory.buffer.byteLength,
            'a vector may be read past it',
          );
          assert.ok(
            array.every((x: number) => x === 0),
            `array ${i} is not zeros`,
          );
          array.fill(i + 1);
          lent.push({ array, mark: i + 1 });
        }
        for (const { array, mark } of lent)
          assert.ok(
            array.every((x: number) => x === mark),
            `array ${mark} was written`,
          );
      }),
      { numRuns: 200 },
    );
  });
}

test('all that was taken back is one stretch again, whatever the order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 40 }),
      fc.nat(),
      (lengths, seed) => {
        const { allocate, free } = arena('float32');
        const start = allocate(1);
        const first = start.byteOffset;
        free(start);
        const lent = lengths.map((length) => allocate(length));
        for (let left = lent.length; left > 0; left--) free(lent.splice((seed + left * 7919) % left, 1)[0]!);
        assert.is(allocate(1).byteOffset, first);
      },
    ),
  );
});

test('memory levels off under arrays of ever other lengths', () => {
  const { allocate, free, memory } = arena('float32');
  const kept: Numbers[] = [];
  let live = 0;
  for (let i = 0; i < 20_000; i++) {
    const length = (i * 7919) % 4999;
    kept.push(allocate(length));
    live = Math.max(
      live,
      kept.reduce((sum, { byteLength }) => sum + byteLength, 0),
    );
    if (kept.length > 20) free(kept.splice((i * 31) % kept.length, 1)[0]!);
  }
  assert.ok(memory.buffer.byteLength < 2 * live + 200_000, `${memory.buffer.byteLength} bytes for ${live}`);
});

test('an array that is not lent is not taken back', () => {
  const { allocate, free } = arena('float32');
  const array = allocate(8);
  free(array);
  assert.throws(() => free(array), /this array is not lent/);
});

for (const [name, make] of [
  ['wasm', () => wasm('float32')],
  ['plain', () => plain('float32')],
] as const) {
  test(`${name}: a scope gives zeros, and refuses after it was given back`, () => {
    const scope = make().scope();
    const [numbers, tokens, repeat] = [scope.allocate(5), scope.allocateTokens(3), scope.repeat()];
    assert.equal([...numbers, ...tokens], [0, 0, 0, 0, 0, 0, 0, 0]);
    let runs = 0;
    for (let i = 0; i < 3; i++) repeat(1, () => runs++);
    assert.ok(runs > 0);
    scope.free();
    scope.free();
    const gone = /these buffers were given back/;
    assert.throws(() => scope.allocate(1), gone);
    assert.throws(() => scope.allocateTokens(1), gone);
    assert.throws(() => scope.repeat(), gone);
    assert.throws(() => repeat(1, () => runs++), gone);
  });

  test(`${name}: a disposed kernel refuses to compute, matrices included; its arrays keep their numbers`, () => {
    const kernel = make();
    const [w, x, y] = [kernel.allocate(4).fill(2), kernel.allocate(2).fill(1), kernel.allocate(2)];
    const matrix = kernel.matrix(w, 2, 2);
    const { zero } = kernel;
    matrix.multiply(y, x, 1);
    const repeat = kernel.scope().repeat();
    kernel.dispose();
    kernel.dispose();
    kernel.close();
    const gone = /model: it was disposed and computes no more/;
    const { multiply, multiplyBack, multiplyTokens } = matrix;
    const calls: (() => unknown)[] = [
      () => multiply(y, x, 2),
      () => multiplyBack(x, y, 1),
      () => multiplyTokens(y, Int32Array.of(1), 1),
      () => kernel.allocate(1),
      () => kernel.allocateTokens(1),
      () => kernel.scope(),
      () => kernel.matrix(w, 2, 2),
      () => kernel.zero(y, 2),
      () => kernel.logSoftmax(y, 1, 2),
      () => kernel.sgd(w, w, undefined, NO_STEP),
      ...(name === 'wasm' ? [() => zero(y, 2)] : []),
    ];
    for (const call of calls) assert.throws(call, gone, String(call));
    assert.throws(() => repeat(1, () => kernel.zero(y, 2)), gone);
    assert.equal([...y], [4, 4]);
  });
}

for (const [name, make] of [
  ['one thread', () => wasm('float32')],
  ['two threads', () => wasm('float32', threads(2))],
] as const) {
  test(`${name}: passes of a disposed kernel, or of a scope that was given back, do not run`, () => {
    const kernel = make();
    const [scope, freed] = [kernel.scope(), kernel.scope()];
    const y = scope.allocate(4).fill(1);
    const [repeat, other] = [scope.repeat(), freed.repeat()];
    let runs = 0;
    const pass = (): void => {
      runs++;
      kernel.zero(y, 4);
    };
    repeat(1, pass);
    other(1, pass);
    freed.free();
    assert.throws(() => other(1, pass), /these buffers were given back/);
    const { zero } = kernel;
    const [x, p] = [y.fill(1), kernel.allocate(4)];
    const matrix = kernel.matrix(x, 2, 2);
    kernel.dispose();
    assert.throws(() => repeat(1, pass), /it was disposed and computes no more/);
    assert.is(runs, 2);
    assert.throws(() => zero(y, 4), /it was disposed/);
    assert.throws(() => matrix.multiply(p, x, 1), /it was disposed/);
    assert.equal([...y], [1, 1, 1, 1]);
  });
}

test('a kernel that a pass disposes stays disposed', () => {
  const kernel = wasm('float32');
  const scope = kernel.scope();
  const [repeat, y, { zero }] = [scope.repeat(), scope.allocate(4), kernel];
  repeat(1, () => zero(y, 4));
  repeat(1, () => kernel.dispose()); // the second of a key is captured
  assert.throws(() => zero(y, 4), /it was disposed/);
});

const NO_STEP = { learningRate: 0, momentum: 0, dampening: 0, nesterov: false, weightDecay: 0, first: true };

/** The three passes after which one is replayed: the first, the one that is captured, the one that replays it. */
const REPLAYED = 3;

test('scopes that come and go need the memory of one', () => {
  const kernel = wasm('float32');
  for (let i = 0; i < 500; i++) {
    const scope = kernel.scope();
    const [y, x, w] = [scope.allocate(50 + i), scope.allocate(50), scope.allocate(50 * (50 + i))];
    kernel.matrix(w.fill(i), 50, 50 + i).multiply(y, x.fill(1), 1);
    assert.is(y[49 + i], 50 * i);
    const repeat = scope.repeat();
    for (let pass = 0; pass < REPLAYED; pass++) repeat(1, () => kernel.zero(y, 50));
    scope.free();
  }
  assert.ok(kernel.memory.buffer.byteLength < 2_000_000, `${kernel.memory.buffer.byteLength} bytes`);
});

test('a matrix of a view goes with the array, and one array may hold matrices of several shapes', () => {
  const kernel = wasm('float64');
  const [before, after] = [kernel.scope(), kernel.scope()];
  const old = before.allocate(64).subarray(8, 24);
  kernel.matrix(old, 4, 4);
  before.free();
  const w = after.allocate(64).subarray(8, 14);
  assert.is(w.byteOffset, old.byteOffset);
  w.set([1, 2, 3, 4, 5, 6]);
  kernel.weightsChanged();
  const x = after.allocate(3).fill(1);
  const product = (inputs: number, outputs: number): number[] => {
    const y = after.allocate(outputs);
    kernel.matrix(w, inputs, outputs).multiply(y, x, 1);
    return [...y];
  };
  assert.equal(product(2, 3), [3, 7, 11]);
  assert.equal(product(3, 2), [6, 15]);
  assert.is(kernel.matrix(w, 3, 2), kernel.matrix(w, 3, 2));
});

test('a pass that calls what cannot be replayed runs every time', () => {
  const kernel = wasm('float32');
  const [x, p] = [kernel.allocate(4).fill(1), kernel.allocate(4)];
  for (const work of [
    () => kernel.scale(x, 2, 4), // of the module, but with a number that is not a count
    () => kernel.softmaxRow(p, x, 4),
    () => kernel.logSoftmax(p, 1, 4), // not of the module
  ]) {
    const repeat = kernel.scope().repeat();
    let runs = 0;
    for (let i = 1; i < 6; i++) {
      repeat(1, () => {
        runs++;
        work();
      });
      assert.is(runs, i, String(work));
    }
  }
  assert.equal([...x], [32, 32, 32, 32]);
});

test('a pass that was captured does not survive the arrays of another scope that it names', () => {
  const kernel = wasm('float32');
  const [own, other] = [kernel.scope(), kernel.scope()];
  let y = other.allocate(4);
  const repeat = own.repeat();
  let runs = 0;
  const pass = (): void => {
    runs++;
    kernel.zero(y, 4);
  };
  for (let i = 0; i < REPLAYED; i++) repeat(1, pass);
  assert.is(runs, REPLAYED - 1);
  other.free();
  const taken = kernel.allocate(4).fill(7); // where y was
  assert.is(taken.byteOffset, y.byteOffset);
  y = kernel.allocate(4).fill(5);
  repeat(1, pass);
  assert.equal([...taken, ...y], [7, 7, 7, 7, 0, 0, 0, 0]);
});

test.run();
