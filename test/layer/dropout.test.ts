import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from, of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  dropout,
  evaluate,
  generateText,
  gru,
  linear,
  loadModel,
  type Model,
  outputs,
  type Random,
  saveModel,
  seeded,
  sequential,
  squaredError,
  unroll,
  type Window,
} from '../../src/index.js';
import { first } from '../learn/first.js';
import { gradientCheck } from '../learn/gradientCheck.js';

const STEPS = 4;
const LANES = 3;
const random = seeded('dropout');
const normals = (length: number): Float64Array => new Float64Array(length).map(() => random.normal());

const alone = (rate: number): Model => sequential({ dropout: dropout({ size: 5, rate }) }, { dtype: 'float64' });
const ones: Window = {
  steps: 200,
  lanes: 2,
  inputs: new Float64Array(2000).fill(1),
  targets: new Float64Array(2000),
};
const dropped = (model: Model, window: Window, generator?: Random): readonly number[] =>
  Array.from(
    first(
      of(window).pipe(unroll(model, generator ? { dropoutRandom: generator } : {})),
      (unrolled) => outputs(unrolled).data,
    ),
  );

for (const rate of [0.2, 0.5]) {
  test(`rate ${rate}: numbers are dropped at their share and the others scaled, each by one draw`, () => {
    const seen = dropped(alone(rate), ones, seeded(1));
    assert.equal(new Set(seen), new Set([0, 1 / (1 - rate)]));
    const share = seen.filter((value) => value === 0).length / seen.length;
    assert.ok(Math.abs(share - rate) < 0.04, `${share} dropped`);
    const generator = seeded(1);
    assert.equal(
      seen,
      seen.map(() => (generator.uniform() < rate ? 0 : 1 / (1 - rate))),
    );
  });
}

test('rate 0 and 1, and learning without a generator', () => {
  const given = Array.from(ones.inputs);
  assert.equal(dropped(alone(0), ones, seeded(1)), given);
  assert.equal(
    dropped(alone(1), ones, seeded(1)),
    given.map(() => 0),
  );
  assert.equal(dropped(alone(0.5), ones), given);
});

const layers = (rate: number) => ({
  gru: gru({ inputSize: 3, hiddenSize: 5 }),
  dropout: dropout({ size: 5, rate }),
  linear: linear({ inputSize: 5, outputSize: 3 }),
});

test('gradients go through what is kept, with a mask and without', () => {
  const model = sequential(layers(0.5), { dtype: 'float64', random: seeded(2) });
  const window: Window = { steps: STEPS, lanes: LANES, inputs: normals(36), targets: normals(36) };
  const mask = Uint8Array.from({ length: 12 }, (_, i) => Number(i % 5 !== 4));
  for (const it of [window, { ...window, mask }]) {
    gradientCheck(
      model,
      it,
      squaredError,
      ({ loss }) => loss,
      model.zeroState(LANES),
      () => seeded(5),
    );
  }
});

test('a dropout layer alone gives the gradient at its input', () => {
  const model = alone(0.5);
  const tape = model.tape(2, 1);
  tape.forward(normals(10).fill(1), 2, { dropoutRandom: seeded(3) });
  const factors = Array.from(tape.output.subarray(0, 10));
  const atOutput = normals(10);
  tape.outputGradient.set(atOutput);
  tape.backward(undefined, { inputGradient: true });
  assert.equal(
    Array.from(tape.inputGradient().data),
    factors.map((factor, i) => factor * atOutput[i]!),
  );
});

test('stepping, scoring and generating drop nothing', async () => {
  const [plain, dropping] = [0, 0.9].map((rate) => sequential(layers(rate), { random: seeded(2) }));
  const tokens = Int32Array.of(0, 2, 1, 1, 0);
  const window: Window = { steps: 5, lanes: 1, inputs: tokens, targets: tokens };
  const figures = [plain!, dropping!].map((model) => [
    [...model.step(1, model.zeroState()).output.data],
    first(from([window]).pipe(evaluate(model))).loss,
    first(generateText(model, { maxTokens: 1 })).bits,
  ]);
  assert.equal(figures[0], figures[1]);
});

test('it comes back from a model file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-dropout-'));
  const path = join(folder, 'model.safetensors');
  const model = sequential(layers(0.25), { random: seeded(2) });
  saveModel(path, model);
  const loaded = loadModel(path).model;
  rmSync(folder, { recursive: true });
  assert.equal(loaded.configuration, model.configuration);
  assert.equal(loaded.layers.get('dropout')!.options, { size: 5, rate: 0.25 });
  assert.equal(loaded.step(1, loaded.zeroState()), model.step(1, model.zeroState()));
});

for (const [what, make, message] of [
  ['a share above 1', () => dropout({ size: 2, rate: 1.5 }), 'dropout: rate must be in [0, 1], got 1.5'],
  ['no number', () => dropout({ size: 2, rate: NaN }), 'dropout: rate must be in [0, 1], got NaN'],
  ['no size', () => dropout({ rate: 0.1 } as never), 'dropout: size must be a positive integer, got undefined'],
  ['another name', () => dropout({ size: 2, rat: 0.1 } as never), 'dropout: unknown option rat; did you mean rate?'],
  [
    'tokens',
    () =>
      sequential({ dropout: dropout({ size: 2, rate: 0.1 }) })
        .tape(1, 1)
        .forward(Int32Array.of(1), 1),
    'sequential: layer dropout takes features, got tokens',
  ],
] as const) {
  test(`refuses ${what}`, () => assert.throws(make, (error: Error) => assert.is(error.message, message) === undefined));
}

test.run();
