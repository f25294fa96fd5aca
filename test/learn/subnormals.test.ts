// What an optimizer keeps and what it moves decay to zero where gradients stay zero, and do not stay subnormal, which makes
// an update many times as slow. Updates one by one: test/kernel/subnormals.test.ts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { adadelta } from '../../src/learn/adadelta.js';
import { adagrad } from '../../src/learn/adagrad.js';
import { adam } from '../../src/learn/adam.js';
import { adamax } from '../../src/learn/adamax.js';
import { adamw } from '../../src/learn/adamw.js';
import { averaged } from '../../src/learn/averaged.js';
import { lion } from '../../src/learn/lion.js';
import { nadam } from '../../src/learn/nadam.js';
import { type Optimizer, optimizer } from '../../src/learn/optimizer.js';
import { radam } from '../../src/learn/radam.js';
import { rmsprop } from '../../src/learn/rmsprop.js';
import { rprop } from '../../src/learn/rprop.js';
import { scheduleFreeAdamw } from '../../src/learn/scheduleFreeAdamw.js';
import { scheduleFreeSgd } from '../../src/learn/scheduleFreeSgd.js';
import { sgd } from '../../src/learn/sgd.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import type { Dtype } from '../../src/types.js';
import { optimizerMakers } from './optimizerMakers.js';

const SMALLEST: Readonly<Record<Dtype, number>> = { float32: 2 ** -126, float64: 2 ** -1022 };
const BETAS = { betas: [0.75, 0.75] } as const;
const LOSING = { learningRate: 0.1, weightDecay: 0.5 };

/** A rule of a user, which looks after nothing. */
const momentum = (): Optimizer =>
  optimizer({
    kind: 'momentum',
    learningRate: 0.1,
    moments: { velocity: 0 },
    apply({ weights, gradients, moments: { velocity }, learningRate }) {
      for (let i = 0; i < weights.length; i++) {
        velocity![i] = 0.75 * velocity![i]! + gradients[i]!;
        weights[i]! -= learningRate * velocity![i]!;
      }
    },
  });

const ROWS: Readonly<Record<string, () => Optimizer>> = {
  adadelta: () => adadelta({ rho: 0.75 }),
  adagrad: () => adagrad({ learningRate: 0.1 }),
  adam: () => adam(BETAS),
  'adam with amsgrad': () => adam({ ...BETAS, amsgrad: true }),
  adamax: () => adamax(BETAS),
  adamw: () => adamw({ ...LOSING, ...BETAS }),
  lion: () => lion({ ...LOSING, betas: [0.75, 0.75] }),
  nadam: () => nadam({ ...LOSING, ...BETAS, decoupledWeightDecay: true }),
  radam: () => radam({ ...LOSING, ...BETAS, decoupledWeightDecay: true }),
  rmsprop: () => rmsprop({ alpha: 0.75, centered: true, momentum: 0.75 }),
  rprop,
  scheduleFreeAdamw: () => scheduleFreeAdamw({ ...LOSING, betas: [0.75, 0.75], innerMomentum: 0.75 }),
  scheduleFreeSgd: () => scheduleFreeSgd(LOSING),
  sgd: () => sgd(LOSING),
  'sgd with momentum': () => sgd({ ...LOSING, momentum: 0.75 }),
  'a rule of a user': momentum,
};
/** Rows whose weights decay to zero. */
const ENDING = ['adamw', 'lion', 'nadam', 'radam', 'sgd', 'sgd with momentum'];

const makeModel = (dtype: Dtype): Model =>
  sequential({ linear: linear({ inputSize: 3, outputSize: 2 }) }, { dtype, random: seeded(1) });

const isSubnormal = (x: number, dtype: Dtype): boolean => x !== 0 && Math.abs(x) < SMALLEST[dtype];

function checkNormal(numbers: ArrayLike<number>, dtype: Dtype, what: string): void {
  for (const x of Array.from(numbers)) assert.not(isSubnormal(x, dtype), `${what}: ${x} is subnormal`);
}

test('every public optimizer has a row', () => {
  for (const name of Object.keys(optimizerMakers)) assert.ok(ROWS[name], name);
});

for (const [name, make] of Object.entries(ROWS)) {
  for (const dtype of ['float32', 'float64'] as const) {
    test(`${name}, ${dtype}: after every 1024th update no weight and no moment is subnormal`, () => {
      const model = makeModel(dtype);
      const optimizer = make();
      const { gradients } = model.tape(1, 1);
      for (let i = 0; i < gradients.learned.length; i++) gradients.learned[i] = (i - 3) / 8;
      optimizer.update(model, gradients);
      gradients.learned.fill(0);
      const last = dtype === 'float32' ? 3072 : 17_408;
      for (let update = 2; update <= last; update++) {
        optimizer.update(model, gradients);
        if (update % 1024 !== 0) continue;
        checkNormal(model.weights.learned, dtype, `weights, update ${update}`);
        for (const [moment, { data }] of optimizer.state().moments) checkNormal(data, dtype, moment);
      }
      const ended = model.weights.learned.every((x: number) => x === 0);
      assert.is(ended, ENDING.includes(name));
    });
  }
}

test('a run that is resumed between two looks has the same bits', () => {
  const [whole, resumed] = [makeModel('float32'), makeModel('float32')];
  const gradients = whole.tape(1, 1).gradients;
  gradients.learned.fill(0);
  const first = momentum();
  gradients.learned.fill(1);
  first.update(whole, gradients);
  gradients.learned.fill(0);
  for (let update = 2; update <= 500; update++) first.update(whole, gradients);
  assert.ok([...first.state().moments.get('velocity.linear.weight')!.data].some((x) => isSubnormal(x, 'float32')));
  resumed.weights.numbers.set(whole.weights.numbers);
  const again = resumed.tape(1, 1).gradients;
  again.learned.fill(0);
  const second = momentum();
  second.restore(resumed, first.state());
  for (let update = 501; update <= 1024; update++) {
    first.update(whole, gradients);
    second.update(resumed, again);
  }
  assert.equal(first.state(), second.state());
  assert.ok([...second.state().moments.get('velocity.linear.weight')!.data].every((x) => x === 0));
});

test('schedule-free weights follow an average that decays slowly to zero, and are never subnormal on the way', () => {
  const model = makeModel('float32');
  const optimizer = scheduleFreeAdamw({ learningRate: 0.1, weightDecay: 1 });
  const { gradients } = model.tape(1, 1);
  gradients.learned.fill(0);
  model.weights.learned.fill(2 ** -90);
  for (let update = 0; update < 40_000; update++) {
    optimizer.update(model, gradients);
    if (update % 100 === 0) checkNormal(model.weights.learned, 'float32', `update ${update}`);
  }
});

for (const dtype of ['float32', 'float64'] as const) {
  test(`averaged, ${dtype}: the average of weights that have become zero becomes zero, and is never subnormal`, () => {
    const model = makeModel(dtype);
    const { model: average, optimizer } = averaged(model, { decay: 0.75 });
    const own = optimizer(sgd({ learningRate: 0.1 }));
    const { gradients } = model.tape(1, 1);
    own.update(model, gradients);
    model.weights.learned.fill(0);
    for (let update = 0; update < (dtype === 'float32' ? 400 : 3000); update++) {
      own.update(model, gradients);
      checkNormal(average.weights.learned, dtype, `update ${update}`);
    }
    assert.ok(average.weights.learned.every((x: number) => x === 0));
  });
}

test('zeros keep their sign, and small weights of a sparse rule their bits', () => {
  const model = makeModel('float32');
  model.weights.learned.set([-0, 1e-35, -1e-35, 1e-29, -1e-29]);
  const { gradients } = model.tape(1, 1);
  const before = [...model.weights.learned];
  const plain = sgd({ learningRate: 0.1 });
  for (let update = 0; update < 1024; update++) plain.update(model, gradients);
  assert.ok([...model.weights.learned].every((x, i) => Object.is(x, before[i])));
  const heavy = sgd({ learningRate: 0.1, momentum: 0.5 });
  for (let update = 0; update < 1024; update++) heavy.update(model, gradients);
  assert.equal([...model.weights.learned.subarray(0, 5)], [-0, 0, 0, 1e-29, -1e-29].map(Math.fround));
});

test.run();
