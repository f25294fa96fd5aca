import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { of } from 'rxjs';
import { activation } from '../../src/layer/activation.js';
import { embedding } from '../../src/layer/embedding.js';
import type { Layer } from '../../src/layer/layer.js';
import { linear } from '../../src/layer/linear.js';
import { rnn } from '../../src/layer/rnn.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { gradients } from '../../src/learn/gradients.js';
import { squaredError } from '../../src/learn/squaredError.js';
import { unroll } from '../../src/learn/unroll.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import type { State, Window } from '../../src/types.js';
import { first } from './first.js';
import { gradientCheck } from './gradientCheck.js';

const random = numpyRandom(7);
const normals = (length: number): Float64Array => Float64Array.from({ length }, () => random.normal());
const tokens = (length: number, size: number, low = 0): Int32Array =>
  Int32Array.from({ length }, () => low + random.integer(size - low));

function build(layers: Record<string, Layer>): Model {
  return sequential(layers, { dtype: 'float64', random });
}

function randomState(model: Model, lanes: number): State {
  return new Map(
    [...model.zeroState(lanes)].map(([name, { shape, data }]) => [name, { shape, data: normals(data.length) }]),
  );
}

const readout = (hiddenSize: number, outputSize: number): Layer => linear({ inputSize: hiddenSize, outputSize });

// steps × lanes of 1 × 1, 5 × 1, 4 × 3; widths that are not multiples of 4
for (const nonlinearity of ['tanh', 'sigmoid', 'relu', 'identity'] as const) {
  for (const bias of [true, false]) {
    for (const [steps, lanes] of [
      [1, 1],
      [5, 1],
      [4, 3],
    ] as const) {
      const window = { steps, lanes, inputs: tokens(steps * lanes, 6, -1), targets: tokens(steps * lanes, 6) };
      test(`rnn ${nonlinearity}, bias ${bias}, ${steps} × ${lanes} tokens, cross-entropy`, () => {
        const model = build({
          rnn: rnn({ inputSize: 6, hiddenSize: 7, nonlinearity, bias }),
          linear: linear({ inputSize: 7, outputSize: 6, bias }),
        });
        gradientCheck(model, window, crossEntropy, ({ loss }) => loss, randomState(model, lanes));
      });
    }
  }
}

test('rnn on features below another rnn, squared error of sigmoid outputs', () => {
  const model = build({
    lower: rnn({ inputSize: 3, hiddenSize: 5 }),
    upper: rnn({ inputSize: 5, hiddenSize: 4, nonlinearity: 'sigmoid' }),
    linear: readout(4, 2),
    output: activation({ size: 2, nonlinearity: 'sigmoid' }),
  });
  const window = { steps: 6, lanes: 2, inputs: normals(36), targets: normals(24) };
  gradientCheck(model, window, squaredError, ({ loss }) => loss, randomState(model, 2));
});

test('embedding, rnn and linear', () => {
  const model = build({
    embedding: embedding({ inputSize: 9, outputSize: 5 }),
    rnn: rnn({ inputSize: 5, hiddenSize: 6 }),
    linear: readout(6, 9),
  });
  const window = { steps: 7, lanes: 2, inputs: tokens(14, 9, -1), targets: tokens(14, 9) };
  gradientCheck(model, window, crossEntropy, ({ loss }) => loss, randomState(model, 2));
});

test('linear on tokens alone', () => {
  const model = build({ linear: linear({ inputSize: 5, outputSize: 5 }) });
  const window = { steps: 8, lanes: 1, inputs: tokens(8, 5, -1), targets: tokens(8, 5) };
  gradientCheck(model, window, crossEntropy, ({ loss }) => loss, model.zeroState());
});

test('padding counts neither in the loss nor in the gradient', () => {
  const model = build({ rnn: rnn({ inputSize: 4, hiddenSize: 5 }), linear: readout(5, 4) });
  const mask = Uint8Array.of(1, 1, 1, 0, 1, 0);
  const window: Window = { steps: 3, lanes: 2, inputs: tokens(6, 4, -1), targets: tokens(6, 4), mask };
  gradientCheck(model, window, crossEntropy, ({ loss }) => loss, model.zeroState(2));
});

for (const loss of [crossEntropy, squaredError]) {
  test(`${loss.name}: a summed loss has the gradient of the sum and still emits the mean`, () => {
    const model = build({ rnn: rnn({ inputSize: 4, hiddenSize: 5 }), linear: readout(5, 4) });
    const targets = loss === crossEntropy ? tokens(6, 4) : normals(24);
    const window: Window = { steps: 3, lanes: 2, inputs: tokens(6, 4, -1), targets };
    const sum = ({ loss, count }: { loss: number; count: number }): number => loss * count;
    gradientCheck(model, window, () => loss({ reduction: 'sum' }), sum, model.zeroState(2));
  });
}

test('a window of padding alone has no loss and no gradient', () => {
  const model = build({ rnn: rnn({ inputSize: 4, hiddenSize: 5 }), linear: readout(5, 4) });
  const window = { steps: 2, lanes: 1, inputs: tokens(2, 4), targets: tokens(2, 4), mask: new Uint8Array(2) };
  const { loss, gradientNorm } = first(of(window).pipe(unroll(model), crossEntropy(), backpropagate(model)));
  assert.equal([loss, gradientNorm], [0, 0]);
});

test('gradients of a lane among others are those of the lane alone, summed', () => {
  const model = build({ rnn: rnn({ inputSize: 4, hiddenSize: 5 }), linear: readout(5, 4) });
  const lane = (inputs: number[], targets: number[]): Window => ({
    steps: 2,
    lanes: 1,
    inputs: Int32Array.from(inputs),
    targets: Int32Array.from(targets),
  });
  const gradient = (window: Window): Float64Array =>
    first(
      of(window).pipe(unroll(model), crossEntropy({ reduction: 'sum' }), backpropagate(model)),
      (event) => gradients(event).get('rnn.weight_hh_l0')!.data as Float64Array,
    );
  const [a, b] = [gradient(lane([0, 1], [1, 2])), gradient(lane([3, 2], [2, 0]))];
  const both = gradient({ steps: 2, lanes: 2, inputs: Int32Array.of(0, 3, 1, 2), targets: Int32Array.of(1, 2, 2, 0) });
  both.forEach((value, i) => assert.ok(Math.abs(value - (a[i]! + b[i]!)) < 1e-15));
});

test.run();
