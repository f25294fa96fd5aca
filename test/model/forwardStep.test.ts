import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { activation } from '../../src/layer/activation.js';
import { dropout } from '../../src/layer/dropout.js';
import { embedding } from '../../src/layer/embedding.js';
import { gru } from '../../src/layer/gru.js';
import type { Layer } from '../../src/layer/layer.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { minGru } from '../../src/layer/minGru.js';
import { rnn } from '../../src/layer/rnn.js';
import { slstm } from '../../src/layer/slstm.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import { stateDict } from '../../src/model/stateDict.js';

const [TOKENS, SIZE] = [7, 6];
const sizes = { inputSize: TOKENS, hiddenSize: SIZE };
const out = linear({ inputSize: SIZE, outputSize: 5 });
const chains: Readonly<Record<string, Readonly<Record<string, Layer>>>> = {
  rnn: { rnn: rnn({ ...sizes, numLayers: 2, dropout: 0.3, recurrentDropout: 0.2 }), out },
  lstm: {
    lstm: lstm({ ...sizes, numLayers: 3, recurrentDropout: 0.2 }),
    dropout: dropout({ size: SIZE, rate: 0.4 }),
    out,
  },
  gru: { table: embedding({ inputSize: TOKENS, outputSize: 3 }), gru: gru({ inputSize: 3, hiddenSize: SIZE }), out },
  slstm: { slstm: slstm({ ...sizes, heads: 2 }), softmax: activation({ size: SIZE, nonlinearity: 'softmax' }), out },
};
const tokens = Int32Array.of(3, -1, 0, 6, 2, 2, 5, 1);

function make(layers: Readonly<Record<string, Layer>>, dtype: 'float32' | 'float64', backend: 'wasm' | 'plain'): Model {
  return sequential(layers, { dtype, backend, random: seeded('steps') });
}

/** What a window leaves: outputs, state, and the gradients by a given gradient at the outputs. */
function results(made: Model, lanes: number, steps: number, run: (tape: ReturnType<Model['tape']>) => void): unknown {
  const tape = made.tape(8, lanes);
  const random = seeded('before');
  const mask = Uint8Array.from({ length: 8 * lanes }, (_, i) => (i % 3 === 0 ? 0 : 1));
  tape.forward(new Int32Array(8 * lanes), 8, { dropoutRandom: random, mask }); // what must leave no trace
  tape.outputGradient.fill(0);
  tape.backward();
  tape.reset(new Uint8Array(lanes).fill(1));
  const windows = [1, 2, 3].map((window) => {
    run(tape);
    const output = tape.output.slice(0, steps * lanes * made.outputSize);
    tape.outputGradient.set(output.map((y, i) => Math.sin(y + i + window)));
    tape.backward();
    return [[...output], [...tape.state()], [...tape.gradients.numbers]];
  });
  tape.release();
  return windows;
}

for (const [name, layers] of Object.entries(chains)) {
  for (const dtype of ['float32', 'float64'] as const) {
    for (const backend of ['wasm', 'plain'] as const) {
      test(`${name}, ${dtype}, ${backend}: steps one by one are the window, forward and back, to the bit`, () => {
        for (const [lanes, steps] of [
          [1, 8],
          [1, 1],
          [2, 3],
        ] as const) {
          const made = make(layers, dtype, backend);
          const input = tokens.subarray(0, lanes * steps);
          const whole = results(made, lanes, steps, (tape) => tape.forward(input, steps));
          const stepped = results(made, lanes, steps, (tape) => {
            for (let t = 0; t < steps; t++) tape.forwardStep!(input.subarray(t * lanes, (t + 1) * lanes), t);
          });
          assert.equal(stepped, whole);
        }
      });
    }
  }
}

test('features, too, and with weights that change between windows', () => {
  const made = make({ lstm: lstm({ inputSize: 3, hiddenSize: 4 }), out: linear({ inputSize: 4, outputSize: 2 }) }, 'float32', 'wasm'); // prettier-ignore
  const input = Float32Array.from({ length: 12 }, (_, i) => Math.cos(i));
  const run = (stepped: boolean): unknown => {
    for (const [i, { data }] of [...stateDict(made).values()].entries()) data.fill(i / 10);
    return results(made, 1, 4, (tape) => {
      made.weights.numbers[0]! += 0.25;
      made.kernel.weightsChanged();
      if (!stepped) tape.forward(input, 4);
      else for (let t = 0; t < 4; t++) tape.forwardStep!(input.subarray(t * 3, (t + 1) * 3), t);
    });
  };
  const before = made.weights.numbers.slice();
  const whole = run(false);
  made.weights.numbers.set(before);
  made.kernel.weightsChanged();
  assert.equal(run(true), whole);
});

test('a step that the tape does not hold, and inputs that do not fit, are refused', () => {
  const tape = make(chains['rnn']!, 'float32', 'wasm').tape(4, 1);
  assert.throws(
    () => tape.forwardStep!(Int32Array.of(1), tape.steps),
    /sequential: this tape holds \d+ steps, got step/,
  );
  assert.throws(() => tape.forwardStep!(Int32Array.of(1), -1), /got step -1/);
  assert.throws(() => tape.forwardStep!(Int32Array.of(1), 1.5), /got step 1.5/);
  assert.throws(() => tape.forwardStep!(Int32Array.of(7), 0), /token 7 is outside the vocabulary/);
  assert.throws(() => tape.forwardStep!(Int32Array.of(1, 2), 1), /need 1 inputs, got 2/);
  tape.release();
  assert.throws(() => tape.forwardStep!(Int32Array.of(1), 0), /was released/);
});

test('models whose layers keep more than rows have no such steps', () => {
  assert.is(make({ minGru: minGru(sizes), out }, 'float32', 'wasm').tape(4, 1).forwardStep, undefined);
  const both = rnn({ ...sizes, bidirectional: true });
  const wide = linear({ inputSize: 2 * SIZE, outputSize: 2 });
  assert.is(make({ both, wide }, 'float32', 'wasm').tape(4, 1).forwardStep, undefined);
});

test('a layer of a user that says inRows and is not so is refused by name', () => {
  const odd: Layer = {
    ...linear({ inputSize: SIZE, outputSize: SIZE }),
    tape: (context) => {
      context.allocate(context.steps * context.steps + 5);
      return linear({ inputSize: SIZE, outputSize: SIZE }).tape(context);
    },
  };
  const tape = make({ rnn: rnn(sizes), odd }, 'float32', 'wasm').tape(4, 1);
  tape.forwardStep!(Int32Array.of(1), 0);
  assert.throws(
    () => tape.forwardStep!(Int32Array.of(1), 1),
    /sequential: layer odd says inRows, but what it allocates/,
  );
});

test.run();
