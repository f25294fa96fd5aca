import { of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { adadelta } from '../../src/learn/adadelta.js';
import { adagrad } from '../../src/learn/adagrad.js';
import { adam } from '../../src/learn/adam.js';
import { adamax } from '../../src/learn/adamax.js';
import { adamw } from '../../src/learn/adamw.js';
import { clipGradNorm } from '../../src/learn/clipGradNorm.js';
import { clipGradValue } from '../../src/learn/clipGradValue.js';
import { lion } from '../../src/learn/lion.js';
import { nadam } from '../../src/learn/nadam.js';
import { optimizer as makeOptimizer, type Optimizer, type OptimizerState } from '../../src/learn/optimizer.js';
import { radam } from '../../src/learn/radam.js';
import { rmsprop } from '../../src/learn/rmsprop.js';
import { rprop } from '../../src/learn/rprop.js';
import { scheduleFreeAdamw } from '../../src/learn/scheduleFreeAdamw.js';
import { scheduleFreeSgd } from '../../src/learn/scheduleFreeSgd.js';
import { sgd } from '../../src/learn/sgd.js';
import type { ParameterBlock } from '../../src/model/parameterBlock.js';
import { loadStateDict } from '../../src/model/loadStateDict.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { seeded } from '../../src/random/seeded.js';
import type { Tensor } from '../../src/types.js';
import { optimizerMakers } from './optimizerMakers.js';

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

for (const dtype of ['float32', 'float64'] as const) {
  test(`rmsprop, centered, ${dtype}: a variance that rounds to less than 0 is 0, in both kernels`, () => {
    for (const alpha of [0.5, 0.9]) {
      for (const size of [1, 1e-5, 3e-18]) {
        const [wasm, plain] = (['wasm', 'plain'] as const).map((backend) => {
          const layer = linear({ inputSize: 6, outputSize: 1 });
          const model = sequential({ linear: layer }, { backend, dtype, random: seeded(1) });
          const optimizer = rmsprop({ alpha, centered: true });
          const { gradients } = model.tape(1, 1);
          for (let i = 0; i < gradients.learned.length; i++) gradients.learned[i] = size * (1 + i / 1000);
          for (let update = 0; update < 200; update++) optimizer.update(model, gradients);
          return [...model.weights.learned];
        });
        assert.ok(
          [...wasm!, ...plain!].every((weight) => Number.isFinite(weight)),
          `alpha ${alpha}, gradients of ${size}: ${String(wasm)} and ${String(plain)}`,
        );
        if (dtype === 'float64') assert.equal(wasm, plain);
      }
    }
  });
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
  ['nadam', () => nadam({ momentumDecay: -1 }), 'nadam: momentumDecay must be a number from 0 up, got -1'],
  ['radam', () => radam({ betas: [0.9, 1] }), 'radam: betas[1] must be in [0, 1), got 1'],
  ['rprop', () => rprop({ etas: [0.5, 1] }), 'rprop: etas must be a number in (0, 1) and one above 1, got [0.5,1]'],
  [
    'rprop',
    () => rprop({ stepSizes: [1, 0.5] }),
    'rprop: stepSizes must be two steps above 0, the least first, got [1,0.5]',
  ],
  ['adadelta', () => adadelta({ rho: 1 }), 'adadelta: rho must be in [0, 1), got 1'],
  [
    'scheduleFreeAdamw',
    () => scheduleFreeAdamw({ warmupSteps: -1 }),
    'scheduleFreeAdamw: warmupSteps must be an integer from 0 up, got -1',
  ],
  ['scheduleFreeSgd', () => scheduleFreeSgd({ momentum: 1 }), 'scheduleFreeSgd: momentum must be in [0, 1), got 1'],
  ['lion', () => lion({ betas: [0.9, 1] }), 'lion: betas[1] must be in [0, 1), got 1'],
  ['lion', () => lion({ weightDecay: -1 }), 'lion: weightDecay must be a number from 0 up, got -1'],
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
  ['clipGradNorm', () => clipGradNorm(1, { normType: 0 }), 'clipGradNorm: normType must be a positive number, got 0'],
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

/** Every public optimizer, with all that its state can carry; operators.test.ts holds the list to be whole. */
const continued: Readonly<Record<string, () => Optimizer>> = {
  adadelta: () => adadelta({ weightDecay: 0.1 }),
  adam: () => adam(),
  adamax: () => adamax(),
  nadam: () => nadam({ momentumDecay: 0.1, decoupledWeightDecay: true, weightDecay: 0.1 }),
  radam: () => radam({ betas: [0.9, 0.5] }),
  rprop: () => rprop(),
  scheduleFreeAdamw: () => scheduleFreeAdamw({ warmupSteps: 5, r: 1, innerMomentum: 0.5, weightDecay: 0.1 }),
  scheduleFreeSgd: () => scheduleFreeSgd({ weightLrPower: 1.5 }),
  'sgd, in groups, against a sign': () =>
    sgd({
      learningRate: 0.1,
      maximize: true,
      groups: [{ parameters: ['linear.bias'], momentum: 0.5, learningRate: (update) => 1 / (update + 1) }],
    }),
  'scheduleFreeAdamw, in groups': () =>
    scheduleFreeAdamw({ groups: [{ parameters: (name) => name.endsWith('bias'), warmupSteps: 3 }] }),
  'adam, without a mean': () => adam({ betas: [0, 0.999] }),
  adamw: () => adamw({ amsgrad: true }),
  adagrad: () => adagrad({ initialAccumulator: 0.5, learningRateDecay: 0.1 }),
  lion: () => lion({ learningRate: 0.01 }),
  rmsprop: () => rmsprop({ momentum: 0.9, centered: true }),
  sgd: () => sgd({ learningRate: (update) => 1 / (update + 1), momentum: 0.9 }),
};

for (const [name, make] of Object.entries(continued)) {
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

/** Moves a model a few times by gradients that are the weights themselves, or what `gradient` makes of them. */
function moved(optimizer: Optimizer, gradient = (x: number) => x, updates = 3): Record<string, number[]> {
  const model = sequential(
    { linear: linear({ inputSize: 2, outputSize: 1 }) },
    { dtype: 'float64', random: seeded(1) },
  );
  const { gradients } = model.tape(1, 1);
  for (let i = 0; i < updates; i++) {
    gradients.learned.set(model.weights.learned.map(gradient));
    optimizer.update(model, gradients);
  }
  return Object.fromEntries([...model.weights.tensors].map(([name, { data }]) => [name, [...data]]));
}

test('parameters of a group move by its options, the others by the common ones', () => {
  const common = { learningRate: 0.1, betas: [0.5, 0.9] } as const;
  const other = { learningRate: 0.3, weightDecay: 0.5 };
  const [all, own] = [moved(adam(common)), moved(adam({ ...common, ...other }))];
  for (const parameters of [['linear.bias'], (name: string) => name.endsWith('.bias')]) {
    const grouped = moved(adam({ ...common, groups: [{ parameters, ...other }] }));
    assert.equal(grouped, { 'linear.weight': all['linear.weight'], 'linear.bias': own['linear.bias'] });
  }
});

test('a group without a rate follows the common one, an observable too; one with a schedule has its own', () => {
  const common = { momentum: 0.5, groups: [{ parameters: ['linear.bias'], momentum: 0 }] };
  const half = { learningRate: (update: number) => 0.5 ** update };
  assert.equal(moved(sgd({ ...half, ...common }))['linear.bias'], moved(sgd(half))['linear.bias']);
  const scheduled = sgd({ learningRate: 0.1, groups: [{ parameters: ['linear.bias'], ...half }] });
  assert.equal(moved(scheduled)['linear.bias'], moved(sgd(half))['linear.bias']);
  assert.is(scheduled.learningRate, 0.1);
  const [model, following] = [small(), sgd({ learningRate: of(9), ...common })];
  following.update(model, ones(model), 0.25);
  assert.is(following.learningRate, 0.25);
  assert.throws(
    () => sgd({ learningRate: 1, groups: [{ parameters: ['linear.bias'], learningRate: of(1) }] }),
    /^sgd: the learningRate of groups\[0\] must be a number or a schedule, got an observable$/,
  );
});

test('with maximize each rule goes the way of the negated gradients', () => {
  const make: Readonly<Record<string, (maximize: boolean) => Optimizer>> = {
    ...Object.fromEntries(
      Object.entries(optimizerMakers).map(([name, make]) => [
        name,
        (maximize) => make({ learningRate: 0.1, maximize }),
      ]),
    ),
    'sgd, momentum and decay': (maximize) => sgd({ learningRate: 0.1, momentum: 0.5, weightDecay: 0.1, maximize }),
  };
  for (const [name, optimizer] of Object.entries(make)) {
    assert.equal(
      moved(optimizer(true)),
      moved(optimizer(false), (x) => -x),
      name,
    );
  }
});

const groups: [string, () => unknown, RegExp][] = [
  [
    'an option that the rule does not have',
    () => sgd({ learningRate: 1, groups: [{ parameters: [], betas: 1 } as never] }),
    /^sgd: groups\[0\]: unknown option betas/,
  ],
  [
    'a value out of range',
    () => adam({ groups: [{ parameters: ['linear.bias'], weightDecay: -1 }] }),
    /^adam: groups\[0\]: weightDecay must be/,
  ],
  [
    'no parameters',
    () => adam({ groups: [{ weightDecay: 1 } as never] }),
    /^adam: groups\[0\]: parameters must be a list of names/,
  ],
  [
    'something else than a list',
    () => adam({ groups: {} as never }),
    /^adam: groups must be a list of groups of parameters/,
  ],
  [
    'a parameter that the model does not have',
    () => moved(adam({ groups: [{ parameters: ['linear.bais'] }] })),
    /^adam: groups\[0\] has linear\.bais, the model has linear\.weight, linear\.bias$/,
  ],
  [
    'a parameter of two groups',
    () => moved(adam({ groups: [{ parameters: ['linear.bias'] }, { parameters: () => true }] })),
    /^adam: linear\.bias is in groups\[0\] and groups\[1\]; take one$/,
  ],
  [
    'a group without a parameter',
    () => moved(adam({ groups: [{ parameters: () => false }] })),
    /^adam: groups\[0\] has no parameter of the model$/,
  ],
];
for (const [what, make, message] of groups) test(`groups refuse ${what}`, () => assert.throws(make, message));

for (const [name, make] of Object.entries(optimizerMakers)) {
  const withGroup = (learningRate: unknown) => () =>
    make({ learningRate: 0.1, groups: [{ parameters: ['linear.bias'], learningRate: learningRate as number }] });
  for (const [rate, shown] of [
    [-1, '-1'],
    [NaN, 'NaN'],
    ['0.1', 'a text'],
    [null, 'null'],
    [() => undefined, 'a function without a value'],
  ] as const) {
    test(`${name} refuses a group's learningRate of ${shown} at once, and says whose`, () => {
      assert.throws(
        withGroup(rate),
        new RegExp(`^${name}: groups\\[0\\]: learningRate must be a number from 0 up, got`),
      );
    });
  }
}

test("a group's schedule is checked at each update", () => {
  const learningRate = (update: number): number => (update < 2 ? 0.1 : NaN);
  assert.throws(
    () => moved(adam({ groups: [{ parameters: ['linear.bias'], learningRate }] })),
    /^adam: groups\[0\]: learningRate must be a number from 0 up, got NaN$/,
  );
});

test('a state of other groups is refused', () => {
  const model = small();
  const [one, two] = [adam({ groups: [{ parameters: ['linear.bias'], betas: [0.5, 0.5] }] }), adam()];
  one.update(model, ones(model));
  assert.equal(Object.keys(one.state().powers), ['beta1', 'beta2', 'groups[0] beta1', 'groups[0] beta2']);
  assert.throws(() => two.restore(small(), one.state()), /restore does not know the powers groups\[0\] beta1/);
  assert.throws(
    () => scheduleFreeSgd().restore(small(), { ...scheduleFreeSgd().state(), scalars: undefined }),
    /misses the scalars rate, share/,
  );
});

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

for (const [name, make] of Object.entries(optimizerMakers)) {
  test(`${name} refuses gradients of another model, and those that no tape made, and stays free`, () => {
    for (const backend of ['wasm', 'plain'] as const) {
      const [one, other] = [1, 2].map((inputSize) =>
        sequential({ linear: linear({ inputSize, outputSize: 1 }) }, { backend }),
      ) as [Model, Model];
      const optimizer = make({ learningRate: 0.1 });
      const before = stateDict(one);
      const refusedAs = (given: ParameterBlock, what: string): void =>
        assert.throws(
          () => optimizer.update(one, given),
          (error: Error) =>
            error.message ===
            `${name}: update needs the gradients of a tape of the model, got ${what}; copy their numbers to those`,
        );
      refusedAs(ones(other), "another model's");
      refusedAs(other.weights, 'what no tape made');
      refusedAs(undefined as unknown as ParameterBlock, 'what no tape made');
      assert.equal(stateDict(one), before);
      optimizer.update(other, ones(other)); // not bound to the model that it refused
      refusedAs(ones(other), "another model's");
    }
  });

  test(`${name} refuses a model whose weights have 16 bits`, () => {
    const layers = { linear: linear({ inputSize: 2, outputSize: 1 }) };
    const half = sequential(layers, { weights: 'bfloat16' });
    const before = stateDict(half);
    assert.throws(
      () => make({ learningRate: 0.1 }).update(half, ones(sequential(layers))),
      /^this model has weights of bfloat16, so that it scores and generates, but does not learn: leave out the option /,
    );
    assert.equal(stateDict(half), before);
  });
}

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

test('an update that is a promise is refused, and its own error with it', async () => {
  const model = small();
  const late = (): unknown => Promise.reject(new Error('later')); // as from JavaScript
  const own = makeOptimizer({ kind: 'late', learningRate: 0.1, apply: late });
  assert.throws(
    () => own.update(model, model.tape(1, 1).gradients),
    /^optimizer: apply must update the weights before/,
  );
  assert.is(own.updates, 0);
  await new Promise((resolve) => setImmediate(resolve)); // an unhandled rejection would end the process
});

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
