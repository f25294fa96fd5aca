// Of a large embedding only the rows of a window's tokens are zeroed, measured, clipped and, where the rule allows it,
// updated: every number must be the one that comes of working on all of them.
import { from, identity, type MonoTypeOperatorFunction, tap } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adagrad,
  adam,
  backpropagate,
  clipGradNorm,
  clipGradValue,
  crossEntropy,
  type Differentiated,
  type Dtype,
  embedding,
  gradients,
  linear,
  type Model,
  type Optimizer,
  optimizer as makeOptimizer,
  rnn,
  seeded,
  sequential,
  sgd,
  stateDict,
  type Tensors,
  trainer,
  type TrainingStep,
  type Window,
} from '../../src/index.js';

const WORDS = 6001; // of 11 numbers: rows begin anywhere in the blocks of 64
const random = seeded(3);
const windows = Array.from({ length: 6 }, (_, w): Window => {
  const steps = 2 + (w % 3);
  const inputs = Int32Array.from({ length: 2 * steps }, () => Math.floor(random.uniform() * WORDS));
  if (w === 2) inputs[1] = -1;
  if (w === 3) inputs.fill(inputs[0]!);
  if (w === 4) inputs[0] = WORDS - 1;
  return { steps, lanes: 2, inputs, targets: inputs.map((token) => Math.abs(token) % 7) };
});

function make(dtype: Dtype, backend?: 'plain'): Model {
  return sequential(
    {
      words: embedding({ inputSize: WORDS, outputSize: 11 }),
      rnn: rnn({ inputSize: 11, hiddenSize: 9 }),
      linear: linear({ inputSize: 9, outputSize: 7 }),
    },
    { dtype, random: seeded(1), ...(backend && { backend }) },
  );
}

type Stage = MonoTypeOperatorFunction<Differentiated>;

/** Learns the windows and returns all that came of it; `look` is put before the update. */
function learned(
  model: Model,
  optimizer: Optimizer,
  clip: Stage,
  look: Stage,
): { steps: TrainingStep[]; weights: Tensors; moments: Tensors } {
  const steps: TrainingStep[] = [];
  const run = trainer(model, { optimizer });
  from(windows)
    .pipe(run.unroll, crossEntropy(), backpropagate(model), look, clip, run.optimize)
    .subscribe((step) => steps.push(step));
  return { steps, weights: stateDict(model), moments: optimizer.state().moments };
}

const readAll: Stage = tap(({ tape }) => void tape.gradients);
const optimizers: Readonly<Record<string, () => Optimizer>> = {
  sgd: () => sgd({ learningRate: 0.5 }),
  'sgd with momentum': () => sgd({ learningRate: 0.5, momentum: 0.9 }),
  'sgd with decay': () => sgd({ learningRate: 0.5, weightDecay: 0.1 }),
  'sgd of groups': () => sgd({ learningRate: 0.5, groups: [{ parameters: ['words.weight'], learningRate: 0.1 }] }),
  'sgd that maximizes': () => sgd({ learningRate: 0.5, maximize: true }),
  adagrad: () => adagrad({ learningRate: 0.5 }),
  'adagrad with decay': () => adagrad({ learningRate: 0.5, weightDecay: 0.1 }),
  adam: () => adam({ learningRate: 0.1 }),
};
const clips: Readonly<Record<string, Stage>> = {
  none: identity,
  norm: clipGradNorm(0.01),
  'norm of magnitudes': clipGradNorm(0.01, { normType: 1 }),
  'largest magnitude': clipGradNorm(0.01, { normType: Infinity }),
  value: clipGradValue(0.001),
};

for (const [name, optimizer] of Object.entries(optimizers)) {
  for (const dtype of ['float32', 'float64'] as const) {
    test(`${name}, ${dtype}: steps, weights and moments have the same bits`, () => {
      const all = learned(make(dtype), optimizer(), clipGradNorm(0.01), readAll);
      assert.equal(learned(make(dtype), optimizer(), clipGradNorm(0.01), identity), all);
    });
  }
}

for (const [name, clip] of Object.entries(clips)) {
  test(`clip ${name}: the same bits, in the kernel in TypeScript too`, () => {
    for (const backend of [undefined, 'plain'] as const) {
      const all = learned(make('float32', backend), optimizers['adagrad']!(), clip, readAll);
      assert.equal(learned(make('float32', backend), optimizers['adagrad']!(), clip, identity), all);
    }
  });
}

test('only the rows of the tokens are given to a sparse rule, in blocks of 64 numbers', () => {
  const model = make('float32');
  const lengths: number[] = [];
  const rule = makeOptimizer({
    kind: 'counting',
    learningRate: 1,
    sparse: true,
    apply: ({ weights }) => void lengths.push(weights.length),
  });
  learned(model, rule, identity, identity);
  const sum = lengths.reduce((total, length) => total + length, 0);
  const rest = model.weights.learned.length - WORDS * 11;
  assert.ok(sum <= windows.length * (rest + 128 + 8 * 128), `${sum} numbers`);
});

test('gradients that somebody has asked for may be written, and are zeroed whole from then on', () => {
  const optimizer = (): Optimizer => sgd({ learningRate: 0.5 });
  const noise: Stage = tap(({ tape, pass }) => {
    if (pass === 2) tape.gradients.learned[5000] = 1;
  });
  const found: Tensors[] = [];
  const look: Stage = tap((differentiated) => found.push(gradients(differentiated)));
  const model = make('float32');
  learned(model, optimizer(), identity, (source$) => source$.pipe(noise, look));
  const row = Math.floor(5000 / 11);
  assert.ok(windows.every(({ inputs }) => !inputs.includes(row)));
  assert.equal(
    found.map((one) => one.get('words.weight')!.data[5000]),
    [0, 1, 0, 0, 0, 0],
  );
});

test.run();
