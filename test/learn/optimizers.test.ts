import { of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { adagrad } from '../../src/learn/adagrad.js';
import { adam } from '../../src/learn/adam.js';
import { adamw } from '../../src/learn/adamw.js';
import { clipGradNorm } from '../../src/learn/clipGradNorm.js';
import { clipGradValue } from '../../src/learn/clipGradValue.js';
import type { OptimizerState } from '../../src/learn/optimizer.js';
import { rmsprop } from '../../src/learn/rmsprop.js';
import { sgd } from '../../src/learn/sgd.js';
import type { ParameterBlock } from '../../src/model/parameterBlock.js';
import { loadStateDict } from '../../src/model/loadStateDict.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { seeded } from '../../src/random/seeded.js';
import type { Tensor } from '../../src/types.js';

// The figures of torch.optim are checked by test/goldens/goldens.test.ts, the formulas by optimizerRules.test.ts.

const small = () => sequential({ linear: linear({ inputSize: 2, outputSize: 1 }) }, { random: seeded(1) });

test('moments are copied out under the names of the parameters', () => {
  const model = small();
  const optimizer = adam({ amsgrad: true });
  assert.equal([...optimizer.state().moments.keys()], []);
  optimizer.update(model, model.tape(1, 1).gradients);
  const names = ['linear.weight', 'linear.bias'];
  assert.equal(
    [...optimizer.state().moments.keys()],
    ['mean', 'squares', 'largest'].flatMap((moment) => names.map((name) => `${moment}.${name}`)),
  );
  assert.is(optimizer.updates, 1);
});

test('an optimizer serves one model', () => {
  const optimizer = adagrad();
  const [one, two] = [small(), small()];
  optimizer.update(one, one.tape(1, 1).gradients);
  assert.throws(() => optimizer.update(two, two.tape(1, 1).gradients), /adagrad: already serves another model/);
});

test('the first update of initialised accumulators', () => {
  const model = small();
  const optimizer = adagrad({ initialAccumulator: 0.25 });
  const tape = model.tape(1, 1);
  optimizer.update(model, tape.gradients);
  assert.equal([...optimizer.state().moments.get('squares.linear.weight')!.data], [0.25, 0.25]);
});

for (const backend of ['plain', 'wasm'] as const) {
  for (const dtype of ['float32', 'float64'] as const) {
    const rules = {
      adam: adam({ epsilon: 1e-38 }),
      amsgrad: adam({ epsilon: 1e-38, amsgrad: true }),
      adamw: adamw({ epsilon: 1e-38, weightDecay: 0 }),
      adagrad: adagrad({ epsilon: 1e-38 }),
      'adagrad, from an accumulator': adagrad({ epsilon: 0, initialAccumulator: 1e-38 }),
      rmsprop: rmsprop({ epsilon: 1e-38 }),
      'rmsprop, centered': rmsprop({ epsilon: 1e-38, centered: true, momentum: 0.5 }),
    };
    for (const [name, optimizer] of Object.entries(rules)) {
      test(`${name}, ${backend}, ${dtype}: the least epsilon leaves a weight without a gradient as it is`, () => {
        const layer = linear({ inputSize: 2, outputSize: 1 });
        const model = sequential({ linear: layer }, { backend, dtype, random: seeded(1) });
        const before = [...model.weights.learned];
        const { gradients } = model.tape(1, 1);
        for (let update = 0; update < 3; update++) optimizer.update(model, gradients);
        assert.equal([...model.weights.learned], before);
      });
    }
  }
}

const refused: [string, () => unknown, string][] = [
  ['sgd', () => sgd({ learningRate: -1 }), 'sgd: learningRate must be a number from 0 up, got -1'],
  ['sgd', () => sgd({ learningRate: NaN }), 'sgd: learningRate must be a number from 0 up, got NaN'],
  ['sgd', () => sgd({ learningRate: Infinity }), 'sgd: learningRate must be a number from 0 up, got Infinity'],
  ['sgd', () => sgd({ learningRate: 1, momentum: 1 }), 'sgd: momentum must be in [0, 1), got 1'],
  ['sgd', () => sgd({ learningRate: 1, nesterov: true }), 'sgd: nesterov needs momentum and no dampening, got 0 and 0'],
  ['sgd', () => sgd({ learningRate: 1, dampening: -1 }), 'sgd: dampening must be a number from 0 up, got -1'],
  ['sgd', () => sgd({ learningRate: 1, weightDecay: -1 }), 'sgd: weightDecay must be a number from 0 up, got -1'],
  [
    'sgd',
    () => sgd({ learningRate: 1, momentum: 0.5, dampening: 0.1, nesterov: true }),
    'sgd: nesterov needs momentum and no dampening, got 0.5 and 0.1',
  ],
  ['adam', () => adam({ betas: [-0.1, 0.9] }), 'adam: betas[0] must be in [0, 1), got -0.1'],
  ['adam', () => adam({ betas: [0.9, 1] }), 'adam: betas[1] must be in [0, 1), got 1'],
  ['adam', () => adam({ epsilon: -1 }), 'adam: epsilon must be a number from 0 up, got -1'],
  ['adamw', () => adamw({ weightDecay: -1 }), 'adamw: weightDecay must be a number from 0 up, got -1'],
  [
    'adagrad',
    () => adagrad({ learningRateDecay: -1 }),
    'adagrad: learningRateDecay must be a number from 0 up, got -1',
  ],
  ['adagrad', () => adagrad({ weightDecay: -1 }), 'adagrad: weightDecay must be a number from 0 up, got -1'],
  [
    'adagrad',
    () => adagrad({ initialAccumulator: -1 }),
    'adagrad: initialAccumulator must be a number from 0 up, got -1',
  ],
  ...([adam, adamw, adagrad, rmsprop] as const).flatMap((make): [string, () => unknown, string][] =>
    [0, 1e-50].map((epsilon) => [
      make.name,
      () => make({ epsilon }),
      `${make.name}: epsilon must be at least 1e-38, got ${epsilon}: ` +
        'the update of a weight that never has a gradient would be 0 / 0',
    ]),
  ),
  ['adagrad', () => adagrad({ epsilon: NaN }), 'adagrad: epsilon must be a number from 0 up, got NaN'],
  ['rmsprop', () => rmsprop({ epsilon: -1 }), 'rmsprop: epsilon must be a number from 0 up, got -1'],
  ['rmsprop', () => rmsprop({ weightDecay: -1 }), 'rmsprop: weightDecay must be a number from 0 up, got -1'],
  ['rmsprop', () => rmsprop({ momentum: 1 }), 'rmsprop: momentum must be in [0, 1), got 1'],
  ['rmsprop', () => rmsprop({ alpha: 2 }), 'rmsprop: alpha must be in [0, 1), got 2'],
  ['clipGradNorm', () => clipGradNorm(0), 'clipGradNorm: maxNorm must be a positive number, got 0'],
  [
    'clipGradNorm',
    () => clipGradNorm(1, { normType: 3 }),
    'clipGradNorm: normType must be one of 1, 2, Infinity, got 3',
  ],
  ['clipGradValue', () => clipGradValue(0), 'clipGradValue: limit must be a positive number, got 0'],
  ['clipGradValue', () => clipGradValue(NaN), 'clipGradValue: limit must be a positive number, got NaN'],
];
for (const [name, make, message] of refused) {
  test(`${name} refuses: ${message}`, () => {
    assert.throws(make, (error: unknown) => error instanceof RangeError && error.message === message);
  });
}

const states: [string, (good: OptimizerState) => OptimizerState, string][] = [
  ['another rule', (good) => ({ ...good, kind: 'sgd' }), 'adam: restore needs a state of adam, got one of sgd'],
  ['no count', (good) => ({ ...good, updates: -1 }), 'adam: restore needs a count of updates from 0 up, got -1'],
  ['a power missing', (good) => ({ ...good, powers: { beta1: 0.9 } }), 'adam: restore misses the powers beta2'],
  [
    'a power that is none',
    (good) => ({ ...good, powers: { beta1: 2, beta2: 1 } }),
    'adam: power beta1 must be in [0, 1], got 2',
  ],
  [
    'a power below 0',
    (good) => ({ ...good, powers: { beta1: 1, beta2: -0.1 } }),
    'adam: power beta2 must be in [0, 1], got -0.1',
  ],
  ['no powers', (good) => ({ ...good, powers: {} }), 'adam: restore misses the powers beta1, beta2'],
  [
    'powers of another rule',
    (good) => ({ ...good, powers: { ...good.powers, a: 1, b: 1 } }),
    'adam: restore does not know the powers a, b',
  ],
  [
    'updates without moments',
    (good) => ({ ...good, moments: new Map() }),
    'adam: restore misses the moments mean.linear.weight, mean.linear.bias, squares.linear.weight, squares.linear.bias',
  ],
  [
    'moments without updates that are not its own',
    (good) => ({ ...good, updates: 0, moments: new Map([['x', good.moments.get('mean.linear.bias')!]]) }),
    'adam: restore misses the moments mean.linear.weight, mean.linear.bias, squares.linear.weight, squares.linear.bias',
  ],
  [
    'a moment of the transposed shape',
    (good) => withMoment(good, 'mean.linear.weight', { shape: [2, 1], data: Float32Array.of(1, 2) }),
    'adam: mean.linear.weight has shape [1, 2], got [2, 1]',
  ],
  [
    'a moment with more numbers than its shape',
    (good) => withMoment(good, 'mean.linear.weight', { shape: [1, 2], data: Float32Array.of(1, 2, 3) }),
    'adam: mean.linear.weight has 2 numbers, got 3',
  ],
  [
    'a moment missing',
    (good) => ({ ...good, moments: new Map([...good.moments].slice(1)) }),
    'adam: restore misses the moments mean.linear.weight',
  ],
  [
    'a moment too many',
    (good) => ({ ...good, moments: new Map([...good.moments, ['x', good.moments.get('mean.linear.bias')!]]) }),
    'adam: restore does not know the moments x',
  ],
  [
    'a moment of another shape',
    (good) => withMoment(good, 'mean.linear.bias', { shape: [2], data: Float32Array.of(1, 2) }),
    'adam: mean.linear.bias has shape [1], got [2]',
  ],
];
for (const [what, change, message] of states) {
  test(`restore refuses ${what}, and changes nothing`, () => {
    const model = small();
    const optimizer = adam();
    optimizer.update(model, ones(model));
    const before = optimizer.state();
    assert.throws(
      () => optimizer.restore(model, change(optimizer.state())),
      (error: unknown) => error instanceof RangeError && error.message === message,
    );
    assert.equal(optimizer.state(), before);
  });
}

for (const [name, make] of [
  ['adam', () => adam()],
  ['adam without a mean', () => adam({ betas: [0, 0.999] })],
  ['adamw', () => adamw({ amsgrad: true })],
  ['adagrad', () => adagrad({ initialAccumulator: 0.5, learningRateDecay: 0.1 })],
  ['rmsprop', () => rmsprop({ momentum: 0.9, centered: true })],
  ['sgd', () => sgd({ learningRate: (update) => 1 / (update + 1), momentum: 0.9 })],
] as const) {
  test(`${name} continues from its state as if it had not stopped`, () => {
    const [one, two] = [small(), small()];
    const [first, second] = [make(), make()];
    for (let i = 0; i < 3; i++) first.update(one, ones(one));
    loadStateDict(two, stateDict(one));
    second.restore(two, first.state());
    assert.is(second.updates, 3);
    assert.is(second.learningRate, first.learningRate);
    first.update(one, ones(one));
    second.update(two, ones(two));
    assert.equal(second.state(), first.state());
    assert.equal(stateDict(two), stateDict(one));
  });
}

test('an optimizer that was never used gives a state to begin from', () => {
  const optimizer = adagrad({ initialAccumulator: 0.5 });
  const model = small();
  const other = adagrad({ initialAccumulator: 0.5 });
  other.update(model, ones(model));
  other.restore(model, optimizer.state());
  assert.is(other.updates, 0);
  assert.equal([...other.state().moments.get('squares.linear.weight')!.data], [0.5, 0.5]);
});

test('an adam that was never used has powers of 1, and gives a state to begin from', () => {
  const [model, state] = [small(), adam().state()];
  assert.equal(state.powers, { beta1: 1, beta2: 1 });
  const other = adam();
  other.restore(model, state);
  assert.equal(other.state().powers, state.powers);
});

test('an optimizer whose rate is observable continues from a state, and waits for the rate', () => {
  const [one, two] = [small(), small()];
  const [first, second] = [adam(), adam({ learningRate: of(0.1) })];
  first.update(one, ones(one));
  second.restore(two, first.state());
  assert.is(second.updates, 1);
  assert.ok(Number.isNaN(second.learningRate));
});

test('moments of frozen parameters are neither in the state nor needed', () => {
  const model = sequential({ linear: linear({ inputSize: 2, outputSize: 1 }) }, { frozen: ['linear.bias'] });
  const optimizer = adam();
  optimizer.update(model, ones(model));
  assert.equal([...optimizer.state().moments.keys()], ['mean.linear.weight', 'squares.linear.weight']);
  optimizer.restore(model, optimizer.state());
});

/** The memory of a model's kernel, in MiB. */
const mebibytes = ({ kernel }: Model): number =>
  (kernel as unknown as { memory: { buffer: ArrayBuffer } }).memory.buffer.byteLength / 2 ** 20;
const square = (frozen: readonly string[] = []) =>
  sequential({ linear: linear({ inputSize: 512, outputSize: 512 }) }, { backend: 'wasm', frozen }); // 1 MiB of weights

test('an optimizer that is disposed gives its moments back to the model', () => {
  const model = square();
  const { gradients } = model.tape(1, 1);
  const before = mebibytes(model);
  for (let i = 0; i < 20; i++) {
    const optimizer = adam();
    optimizer.update(model, gradients);
    assert.ok([...optimizer.state().moments.values()].every(({ data }) => data.every((moment) => moment === 0)));
    optimizer.dispose();
    optimizer.dispose();
  }
  assert.ok(mebibytes(model) < before + 4, `${mebibytes(model) - before} MiB`);
});

test('an optimizer that is dropped does so some time later, and the one in use keeps its own', async () => {
  const { gc: collect } = globalThis;
  assert.ok(collect, 'node --expose-gc');
  const model = square();
  const gradients = ones(model);
  const [before, used] = [mebibytes(model), adam()];
  used.update(model, gradients);
  const { moments } = used.state();
  for (let i = 0; i < 20; i++) {
    adam().update(model, gradients);
    await new Promise((resolve) => setTimeout(resolve));
    await collect({ execution: 'async', type: 'major' });
    await new Promise((resolve) => setTimeout(resolve));
  }
  assert.ok(mebibytes(model) < before + 12, `${mebibytes(model) - before} MiB`);
  assert.equal(used.state().moments, moments);
});

test('a function of an optimizer that outlives the object keeps the moments', async () => {
  const model = square();
  const gradients = ones(model);
  const { update, state } = adam();
  update(model, gradients);
  const before = state();
  await globalThis.gc!({ execution: 'async', type: 'major' });
  await new Promise((resolve) => setTimeout(resolve));
  adam().update(model, gradients);
  assert.equal(state(), before);
});

test('frozen parameters take no memory for moments', () => {
  const model = square(['linear.weight']);
  const { gradients } = model.tape(1, 1);
  const before = mebibytes(model);
  adam({ amsgrad: true }).update(model, gradients);
  assert.ok(mebibytes(model) < before + 1, `${mebibytes(model) - before} MiB`);
});

for (const backend of ['wasm', 'plain'] as const) {
  test(`${backend}: a disposed optimizer refuses every use and says so, before and after its model`, () => {
    const model = sequential({ linear: linear({ inputSize: 2, outputSize: 1 }) }, { backend });
    const [one, other] = [adam(), adam()];
    const gradients = ones(model);
    one.update(model, gradients);
    other.update(model, gradients);
    const state = one.state();
    one.dispose();
    for (const use of [() => one.update(model, gradients), () => one.state(), () => one.restore(model, state)]) {
      assert.throws(use, /^adam: this optimizer was disposed$/);
    }
    other.update(model, gradients);
    model.dispose();
    other.dispose();
    adam().dispose();
  });
}

test.run();

/** A state with one moment in place of its own. */
function withMoment(state: OptimizerState, name: string, moment: Tensor): OptimizerState {
  return { ...state, moments: new Map([...state.moments, [name, moment]]) };
}

/** Gradients of 1 everywhere. */
function ones(model: Model): ParameterBlock {
  const { gradients } = model.tape(1, 1);
  gradients.learned.fill(1);
  return gradients;
}
