// Numbers that are not finite: the error names the one to blame, and padding may hold any of them.
import { of, type OperatorFunction } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gru } from '../../src/layer/gru.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { rnn } from '../../src/layer/rnn.js';
import { absoluteError } from '../../src/learn/absoluteError.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { binaryCrossEntropy } from '../../src/learn/binaryCrossEntropy.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { evaluate } from '../../src/learn/evaluate.js';
import { huber } from '../../src/learn/huber.js';
import { losses } from '../../src/learn/losses.js';
import { sgd } from '../../src/learn/sgd.js';
import { squaredError } from '../../src/learn/squaredError.js';
import type { Scored, Unrolled } from '../../src/learn/stages.js';
import { train } from '../../src/learn/train.js';
import { unroll } from '../../src/learn/unroll.js';
import { sequential } from '../../src/model/sequential.js';
import type { Model } from '../../src/model/model.js';
import { seeded } from '../../src/random/seeded.js';
import type { Dtype, Window } from '../../src/types.js';
import { first } from './first.js';

const STEPS = 3;
const LANES = 2;
const ROWS = STEPS * LANES;
const WIDTH = 3;
const cells = { rnn, lstm, gru };

function model(cell: keyof typeof cells, dtype: Dtype = 'float64', backend: 'plain' | 'wasm' = 'wasm'): Model {
  return sequential(
    {
      [cell]: cells[cell]({ inputSize: 2, hiddenSize: 4 }),
      linear: linear({ inputSize: 4, outputSize: WIDTH }),
    },
    { dtype, backend, random: seeded('weights') },
  );
}

const random = seeded('numbers');
const uniforms = (length: number): Float64Array => Float64Array.from({ length }, () => random.uniform());
const inputs = uniforms(ROWS * 2);
const targets = uniforms(ROWS * WIDTH);
const window = (more: Partial<Window> = {}): Window => ({ steps: STEPS, lanes: LANES, inputs, targets, ...more });
const changed = (numbers: Float64Array, at: number, value: number): Float64Array => numbers.with(at, value);

function failure(it: Model, given: Window, loss: OperatorFunction<Unrolled, Scored> = squaredError()): string {
  let message = '';
  of(given)
    .pipe(train(it, { optimizer: sgd({ learningRate: 0.1 }), loss }))
    .subscribe({ error: (error: Error) => (message = error.message) });
  return message;
}

const RATE = /learning rate|clipGradNorm/;

for (const cell of ['rnn', 'lstm', 'gru'] as const) {
  for (const bad of [NaN, Infinity, -Infinity]) {
    test(`${cell}: a target of ${bad} is named`, () => {
      const message = failure(model(cell), window({ targets: changed(targets, 7, bad) }));
      const place = 'step 1, lane 0, number 1';
      assert.is(message, `squaredError: the loss of window 1 is not finite: target 7 of window 1 is ${bad} (${place})`);
    });

    test(`${cell}: a feature of ${bad} is named`, () => {
      const message = failure(model(cell), window({ inputs: changed(inputs, 7, bad) }));
      assert.match(message, `feature 7 of window 1 is ${bad} (step 1, lane 1, number 1)`);
      assert.not.match(message, RATE);
    });

    test(`${cell}: a weight of ${bad} is named`, () => {
      const it = model(cell);
      it.weights.tensors.get('linear.weight')!.data[5] = bad;
      const message = failure(it, window());
      assert.match(message, `number 5 of linear.weight is ${bad}`);
      assert.not.match(message, RATE);
    });
  }
}

test('the features of tokens and probabilities are named, too', () => {
  const message = failure(
    model('lstm'),
    window({ inputs: changed(inputs, 0, NaN), targets: new Int32Array(ROWS) }),
    crossEntropy(),
  );
  assert.match(message, /^crossEntropy: .*feature 0 of window 1 is NaN \(step 0, lane 0, number 0\)$/);
});

test('numbers that single precision cannot hold are named', () => {
  const message = failure(model('rnn', 'float32'), window({ targets: changed(targets, 0, 1e300) }));
  assert.match(message, 'target 0 of window 1 is 1e+300, too large for float32 (step 0, lane 0, number 0)');
});

for (const [dtype, target] of [
  ['float32', 1e25],
  ['float64', 1e200],
] as const) {
  test(`${dtype}: a target of ${target}, whose square is too large, is to blame, not the rate`, () => {
    const message = failure(model('rnn', dtype), window({ targets: changed(targets, 7, target) }));
    assert.match(
      message,
      `target 7 of window 1 is ${target}, so that its square is too large for ${dtype} (step 1, lane 0, number 1)`,
    );
    assert.not.match(message, RATE);
    const feature = failure(
      model('rnn', dtype),
      window({ inputs: changed(inputs, 1, target), targets: changed(targets, 7, target) }),
    );
    assert.match(feature, `feature 1 of window 1 is ${target}`);
  });
}

test('a target that float32 cannot hold is refused alike in training and in an evaluation', () => {
  const given = window({ targets: changed(targets, 0, 1e39) });
  const blamed = 'target 0 of window 1 is 1e+39, too large for float32';
  for (const loss of [absoluteError(), huber(), squaredError()]) {
    assert.match(failure(model('rnn', 'float32'), given, loss), blamed);
    let message = '';
    of(given)
      .pipe(evaluate(model('rnn', 'float32'), { loss }))
      .subscribe({ error: (error: Error) => (message = error.message) });
    assert.match(message, blamed);
  }
});

test('numbers under the mask are not to blame; where all are finite, the rate may be', () => {
  const it = model('rnn');
  it.weights.tensors.get('linear.weight')!.data.fill(1e200);
  const mask = new Uint8Array(ROWS).fill(1).with(5, 0);
  const message = failure(it, window({ mask, inputs: changed(inputs, 10, NaN), targets: changed(targets, 15, NaN) }));
  assert.match(message, 'the outputs are finite but too large');
  assert.match(message, RATE);
});

/** Values that padding may hold, and the losses that may meet them. */
const measures: Readonly<
  Record<string, [() => OperatorFunction<Unrolled, Scored>, 'tokens' | 'numbers' | 'distributions']>
> = {
  squaredError: [squaredError, 'numbers'],
  binaryCrossEntropy: [binaryCrossEntropy, 'numbers'],
  'binaryCrossEntropy, weighted': [() => binaryCrossEntropy({ posWeight: [1, 2, 3] }), 'numbers'],
  'crossEntropy of probabilities': [crossEntropy, 'distributions'],
  'crossEntropy of probabilities, smoothed and weighted': [
    () => crossEntropy({ labelSmoothing: 0.1, weight: [1, 2, 3] }),
    'distributions',
  ],
  'crossEntropy of tokens': [crossEntropy, 'tokens'],
  'crossEntropy of tokens, smoothed': [() => crossEntropy({ labelSmoothing: 0.1 }), 'tokens'],
  'crossEntropy of tokens, weighted': [() => crossEntropy({ weight: [1, 2, 3] }), 'tokens'],
};

for (const [name, [loss, kind]] of Object.entries(measures)) {
  for (const backend of ['plain', 'wasm'] as const) {
    for (const dtype of ['float32', 'float64'] as const) {
      for (const masked of ['mask', 'targetMask', 'both'] as const) {
        test(`${name}, ${backend}, ${dtype}, ${masked}: what is masked may hold anything`, () => {
          const mask = Uint8Array.of(1, 0, 1, 1, 0, 1);
          const steps = masked === 'targetMask' ? undefined : masked === 'mask' ? mask : mask.with(4, 1);
          const counting = masked === 'mask' ? undefined : masked === 'both' ? mask.with(1, 1) : mask;
          const numbers = kind === 'numbers' ? targets : targets.map((_, i) => [0.5, 0.25, 0.25][i % WIDTH]!);
          const padding = (value: number): Window =>
            window({
              ...(steps && { mask: steps }),
              ...(counting && { targetMask: counting }),
              inputs: inputs.map((x, i) => (steps?.[Math.floor(i / 2)] === 0 ? value : x)),
              targets:
                kind === 'tokens'
                  ? Int32Array.from(mask, (counts, r) => (counts ? r % WIDTH : value))
                  : numbers.map((x, i) => (mask[Math.floor(i / WIDTH)] === 0 ? value : x)),
            });
          const figures = (given: Window): unknown => {
            const it = model('lstm', dtype, backend);
            const scored = first(of(given).pipe(unroll(it), loss(), backpropagate(it)));
            const { loss: mean, count, gradientNorm, tape } = scored;
            return [mean, count, gradientNorm, [...losses(scored).data], [...tape.gradients.learned]];
          };
          const expected = figures(padding(0));
          for (const value of [NaN, Infinity, -Infinity, -7, 1e9]) assert.equal(figures(padding(value)), expected);
        });
      }
    }
  }
}

test.run();
