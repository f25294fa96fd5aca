import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { adagrad } from '../../src/learn/adagrad.js';
import { adam } from '../../src/learn/adam.js';
import { adamw } from '../../src/learn/adamw.js';
import { clipGradNorm } from '../../src/learn/clipGradNorm.js';
import { clipGradValue } from '../../src/learn/clipGradValue.js';
import { rmsprop } from '../../src/learn/rmsprop.js';
import { sgd } from '../../src/learn/sgd.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';

// The figures of torch.optim are checked by test/goldens/goldens.test.ts; here is what no golden holds.

const small = () => sequential({ linear: linear({ inputSize: 2, outputSize: 1 }) }, { random: seeded(1) });

test('moments are copied out under the names of the parameters', () => {
  const model = small();
  const optimizer = adam({ amsgrad: true });
  assert.equal([...optimizer.stateDict().keys()], []);
  optimizer.update(model, model.tape(1, 1).gradients);
  const names = ['linear.weight', 'linear.bias'];
  assert.equal(
    [...optimizer.stateDict().keys()],
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
  assert.equal([...optimizer.stateDict().get('squares.linear.weight')!.data], [0.25, 0.25]);
});

const refused: [string, () => unknown, string][] = [
  ['sgd', () => sgd({ learningRate: -1 }), 'sgd: learningRate must be a number from 0 up, got -1'],
  ['sgd', () => sgd({ learningRate: NaN }), 'sgd: learningRate must be a number from 0 up, got NaN'],
  ['sgd', () => sgd({ learningRate: Infinity }), 'sgd: learningRate must be a number from 0 up, got Infinity'],
  ['sgd', () => sgd({ learningRate: 1, momentum: 1 }), 'sgd: momentum must be in [0, 1), got 1'],
  ['sgd', () => sgd({ learningRate: 1, nesterov: true }), 'sgd: nesterov needs momentum and no dampening, got 0 and 0'],
  ['adam', () => adam({ betas: [0.9, 1] }), 'adam: betas[1] must be in [0, 1), got 1'],
  ['adam', () => adam({ epsilon: -1 }), 'adam: epsilon must be a number from 0 up, got -1'],
  ['adamw', () => adamw({ weightDecay: -1 }), 'adamw: weightDecay must be a number from 0 up, got -1'],
  [
    'adagrad',
    () => adagrad({ learningRateDecay: -1 }),
    'adagrad: learningRateDecay must be a number from 0 up, got -1',
  ],
  ['rmsprop', () => rmsprop({ alpha: 2 }), 'rmsprop: alpha must be in [0, 1), got 2'],
  ['clipGradNorm', () => clipGradNorm(0), 'clipGradNorm: maxNorm must be a positive number, got 0'],
  ['clipGradValue', () => clipGradValue(NaN), 'clipGradValue: limit must be a positive number, got NaN'],
];
for (const [name, make, message] of refused) {
  test(`${name} refuses: ${message}`, () => {
    assert.throws(make, (error: unknown) => error instanceof RangeError && error.message === message);
  });
}

test.run();
