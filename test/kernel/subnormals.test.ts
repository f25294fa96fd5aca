// The averages that optimizers keep decay to zero where gradients stay zero, and so does a state without input, and never
// through subnormal numbers, whose operations may cost thirty times as much.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createKernel } from '../../src/kernel/createKernel.js';
import type { Kernel } from '../../src/kernel/kernel.js';
import type { Dtype, Numbers } from '../../src/types.js';

const LENGTH = 7; // vectors and what is left of one
const RATE = 0.001;

/** Arrays that an optimizer keeps, and its update. */
type Update = (kernel: Kernel, weights: Numbers, gradients: Numbers, kept: readonly Numbers[], first: boolean) => void;

const sgd =
  (nesterov: boolean): Update =>
  (kernel, w, g, [velocity], first) =>
    kernel.sgd(w, g, velocity, { learningRate: RATE, momentum: 0.75, dampening: 0, nesterov, weightDecay: 0, first });
const rmsprop: Update = (kernel, w, g, [squares, mean, velocity]) =>
  kernel.rmsprop(w, g, squares!, mean, velocity, {
    learningRate: RATE,
    alpha: 0.75,
    epsilon: 1e-8,
    weightDecay: 0,
    momentum: 0.75,
  });
const adam =
  (decoupledDecay: number, count: number): Update =>
  (kernel, w, g, [mean, squares, largest]) =>
    kernel.adam(w, g, mean!, squares!, count === 3 ? largest : undefined, {
      learningRate: RATE,
      beta1: 0.75,
      beta2: 0.75,
      epsilon: 1e-8,
      weightDecay: 0,
      decoupledDecay,
      correction1: 0.5,
      correction2: 0.5,
    });

const updates: readonly [name: string, update: Update][] = [
  ['sgd with momentum', sgd(false)],
  ['sgd with Nesterov momentum', sgd(true)],
  ['rmsprop, centered, with momentum', rmsprop],
  ['adam', adam(0, 2)],
  ['adam with amsgrad', adam(0, 3)],
  ['adamw', adam(0.01, 2)],
];
const smallest: Readonly<Record<Dtype, number>> = { float32: 2 ** -126, float64: 2 ** -1022 };

/** Weights and averages after one gradient and `zeros` updates by zero; fails where an average is subnormal. */
function after(update: Update, dtype: Dtype, backend: 'wasm' | 'plain', zeros: number): number[][] {
  const kernel = createKernel('test', dtype, { backend });
  const [weights, gradients, ...kept] = Array.from({ length: 5 }, () => kernel.allocate(LENGTH));
  for (let i = 0; i < LENGTH; i++) {
    weights![i] = 1 - i / 4;
    gradients![i] = (i - 3) / 8;
  }
  update(kernel, weights!, gradients!, kept, true);
  gradients!.fill(0);
  for (let i = 0; i < zeros; i++) {
    update(kernel, weights!, gradients!, kept, false);
    for (const array of kept) {
      for (const x of array) assert.ok(x === 0 || Math.abs(x) >= smallest[dtype], `update ${i}: ${x} is subnormal`);
    }
  }
  return [weights!, ...kept].map((array) => [...array]);
}

for (const [name, update] of updates) {
  for (const dtype of ['float32', 'float64'] as const) {
    const zeros = dtype === 'float32' ? 400 : 3000;
    for (const backend of ['wasm', 'plain'] as const) {
      test(`${name}, ${dtype}, ${backend}: averages reach zero, and none is subnormal`, () => {
        const [, ...kept] = after(update, dtype, backend, zeros);
        const [largest] = name.includes('amsgrad') ? kept.splice(2, 1) : [];
        assert.ok(kept.flat().every((x) => x === 0));
        assert.ok(largest === undefined || Math.max(...largest) > 0.01);
      });
    }
  }
  test(`${name}, float64: the bits of both kernels are the same on the way`, () => {
    for (const zeros of [0, 10, 100, 2390, 2405, 2450, 2480, 3000]) {
      assert.equal(after(update, 'float64', 'wasm', zeros), after(update, 'float64', 'plain', zeros));
    }
  });
}

test('an average that matters is kept to its last bit', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    for (const backend of ['wasm', 'plain'] as const) {
      const kernel = createKernel('test', dtype, { backend });
      const [weights, gradients, mean, squares] = Array.from({ length: 4 }, () => kernel.allocate(LENGTH));
      mean!.fill(2 ** -98);
      squares!.fill(2 ** -120);
      adam(0, 2)(kernel, weights!, gradients!, [mean!, squares!], false);
      assert.equal(
        [...mean!, ...squares!],
        [...mean!.map(() => 0.75 * 2 ** -98), ...squares!.map(() => 0.75 * 2 ** -120)],
      );
    }
  }
});

for (const dtype of ['float32', 'float64'] as const) {
  for (const backend of ['wasm', 'plain'] as const) {
    test(`the state of RG-LRU, ${dtype}, ${backend}: without input it reaches zero, and is never subnormal`, () => {
      const kernel = createKernel('test', dtype, { backend });
      const [h, before, started, begun, rest, decay, gate, input] = Array.from({ length: 8 }, () =>
        kernel.allocate(LENGTH),
      );
      begun!.fill(1);
      decay!.fill(0.75);
      for (let i = 0; i < LENGTH; i++) before![i] = (i - 3) / 8;
      for (let i = 0; i < (dtype === 'float32' ? 400 : 3000); i++) {
        rest!.fill(1 - 0.75 ** 2);
        kernel.rgLruCell(h!, started!, rest!, decay!, gate!, input!, before!, begun!, LENGTH);
        before!.set(h!);
        for (const x of h!) assert.ok(x === 0 || Math.abs(x) >= smallest[dtype], `step ${i}: ${x} is subnormal`);
        if (i === 10) assert.ok(h!.every((x, k) => Math.abs(x - ((k - 3) / 8) * 0.75 ** 11) < 1e-7));
      }
      assert.ok(h!.every((x) => x === 0));
    });
  }
}

test('an average that is not a number stays one', () => {
  for (const backend of ['wasm', 'plain'] as const) {
    const kernel = createKernel('test', 'float32', { backend });
    const [weights, gradients, mean, squares] = Array.from({ length: 4 }, () => kernel.allocate(LENGTH));
    gradients!.fill(NaN);
    adam(0, 2)(kernel, weights!, gradients!, [mean!, squares!], false);
    assert.ok([...mean!, ...squares!].every(Number.isNaN));
  }
});

test.run();
