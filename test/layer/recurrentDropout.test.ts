import { from, map, of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gru } from '../../src/layer/gru.js';
import { lstm } from '../../src/layer/lstm.js';
import { rnn } from '../../src/layer/rnn.js';
import { outputs } from '../../src/learn/outputs.js';
import { squaredError } from '../../src/learn/squaredError.js';
import { unroll } from '../../src/learn/unroll.js';
import { loadStateDict } from '../../src/model/loadStateDict.js';
import { sequential } from '../../src/model/sequential.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import { seeded } from '../../src/random/seeded.js';
import type { Window } from '../../src/types.js';
import { first } from '../learn/first.js';
import { gradientCheck } from '../learn/gradientCheck.js';

const random = numpyRandom(11);
const normals = (length: number): Float64Array => Float64Array.from({ length }, () => random.normal());
const float64 = { dtype: 'float64', random } as const;

for (const [name, make] of Object.entries({ rnn, lstm, gru })) {
  for (const bidirectional of [false, true]) {
    for (const mask of [undefined, Uint8Array.of(1, 1, 1, 1, 1, 0, 1, 0)]) {
      test(`${name}, both ways ${bidirectional}, padding ${mask !== undefined}: gradients under both dropouts`, () => {
        const options = {
          inputSize: 3,
          hiddenSize: 4,
          numLayers: 2,
          dropout: 0.3,
          recurrentDropout: 0.4,
          bidirectional,
        };
        const model = sequential({ layer: make(options) }, float64);
        const window: Window = {
          steps: 4,
          lanes: 2,
          inputs: normals(24),
          targets: normals(8 * model.outputSize),
          ...(mask && { mask }),
        };
        // every pass gets the same generator, so it drops the same numbers
        gradientCheck(
          model,
          window,
          squaredError,
          ({ loss }) => loss,
          model.zeroState(2),
          () => seeded(5),
        );
      });
    }
  }
}

test('the same numbers of the state are dropped at every step of a window, and others in the next', () => {
  const model = sequential(
    { rnn: rnn({ inputSize: 1, hiddenSize: 40, nonlinearity: 'identity', bias: false, recurrentDropout: 0.5 }) },
    float64,
  );
  const identity = Float64Array.from({ length: 1600 }, (_, i) => (i % 41 === 0 ? 1 : 0));
  loadStateDict(
    model,
    new Map([
      ['rnn.weight_ih_l0', { shape: [40, 1], data: new Float64Array(40).fill(1) }],
      ['rnn.weight_hh_l0', { shape: [40, 40], data: identity }],
    ]),
  );
  const window: Window = { steps: 4, lanes: 1, inputs: Float64Array.of(1, 1, 1, 1), targets: new Float64Array(160) };
  const windows = [window, { ...window, resets: Uint8Array.of(1) }];
  const seen: number[][] = [];
  from(windows)
    .pipe(unroll(model, { dropoutRandom: seeded(1) }), map(outputs))
    .subscribe(({ data }) => seen.push([...data]));
  // h = 1 + factor · h before, with factor 0 or 2: 1, 1, 1, 1 where dropped, 1, 3, 7, 15 where kept
  const patterns = seen.map((all) =>
    Array.from({ length: 40 }, (_, unit) => [0, 1, 2, 3].map((t) => all[t * 40 + unit]).join(' ')),
  );
  for (const units of patterns) assert.equal([...new Set(units)].toSorted(), ['1 1 1 1', '1 3 7 15']);
  assert.not.equal(patterns[0], patterns[1]);
});

test('nothing is dropped without a generator', () => {
  const layers = (recurrentDropout: number) => ({ gru: gru({ inputSize: 3, hiddenSize: 4, recurrentDropout }) });
  const [plain, dropping] = [0, 0.9].map((share) => sequential(layers(share), { dtype: 'float64', random: seeded(2) }));
  const window = { steps: 5, lanes: 1, inputs: normals(15), targets: new Float64Array(20) };
  const run = (model: typeof plain) => first(of(window).pipe(unroll(model!)), outputs);
  assert.equal(run(plain), run(dropping));
});

for (const share of [-0.1, 1, NaN]) {
  test(`refuses recurrentDropout ${share}`, () => {
    const message = `lstm: recurrentDropout must be in [0, 1), got ${share}`;
    assert.throws(
      () => lstm({ inputSize: 1, hiddenSize: 1, recurrentDropout: share }),
      (error: Error) => error.message === message,
    );
  });
}

test.run();
