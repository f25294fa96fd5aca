import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { autoregression, gru, linear, lstm, seq2seq, sequential } from '../../src/index.js';

const made = () =>
  sequential({ lstm: lstm({ inputSize: 27, hiddenSize: 50 }), linear: linear({ inputSize: 50, outputSize: 27 }) });

test('console.log of a model shows its layers, shapes, parameters and bytes, and no weight', () => {
  assert.is(
    inspect(made()),
    `sequential, float32, wasm with vectors of 128 bits
  lstm    lstm    27 → 50  15,800  weight_ih_l0 200×27, weight_hh_l0 200×50, bias_ih_l0 200, bias_hh_l0 200
  linear  linear  50 → 27   1,377  weight 27×50, bias 27
  17,177 parameters, 68,708 bytes`,
  );
  assert.match(inspect({ model: made() }), /model: sequential, float32/);
});

test('so it is of a seq2seq, of a skip, and of another dtype and backend', () => {
  const cell = { inputSize: 3, hiddenSize: 2 };
  const pair = seq2seq({ encoder: gru(cell), decoder: gru(cell), fc: linear({ inputSize: 2, outputSize: 3 }) });
  assert.match(
    inspect(pair),
    /^seq2seq, float32, wasm with vectors of 128 bits\n {2}encoder +gru +3 → 2.*\n {2}decoder .*\n {2}fc .*\n/,
  );
  const skip = autoregression({ inputSize: 1, steps: 2, horizon: 1 });
  const series = sequential(
    { l: linear({ inputSize: 1, outputSize: 1 }) },
    { skip, dtype: 'float64', backend: 'plain' },
  );
  assert.match(inspect(series), /^sequential, float64, plain\n {2}l .*\n {2}skip .*\n/);
});

test('JSON.stringify of a model gives its configuration, and of a disposed one, too', () => {
  const model = made();
  const text = JSON.stringify(model);
  assert.equal(JSON.parse(text), model.configuration);
  model.dispose();
  assert.is(JSON.stringify(model), text);
  assert.is(inspect(model), 'sequential, disposed');
});

test.run();
