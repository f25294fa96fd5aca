import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { from, lastValueFrom, of, take, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  averaged,
  backpropagate,
  crossEntropy,
  embedding,
  gradients,
  growVocabulary,
  gru,
  latestCheckpoint,
  linear,
  loadModel,
  loadStateDict,
  lstm,
  type Model,
  type ModelOptions,
  outputs,
  readSafetensors,
  saveCheckpoint,
  saveModel,
  seeded,
  seq2seq,
  sequential,
  sgd,
  stateDict,
  type Tensor,
  type Tensors,
  trainer,
  unroll,
  windows,
} from '../../src/index.js';
import { fromOnnx, toOnnx } from '../../src/onnx.js';
import { temporaryFolder } from '../checkpoint/runs.js';
import { first } from '../learn/first.js';
import { gradientCheck } from '../learn/gradientCheck.js';

const TIED = { 'linear.weight': 'embedding.weight' };
const makeModel = (options: ModelOptions = {}): Model =>
  sequential(
    {
      embedding: embedding({ inputSize: 7, outputSize: 5 }),
      lstm: lstm({ inputSize: 5, hiddenSize: 5 }),
      linear: linear({ inputSize: 5, outputSize: 7 }),
    },
    { random: seeded(3), ...options },
  );
const tied = (options: ModelOptions = {}): Model => makeModel({ weightTying: TIED, ...options });
const window$ = from(Array.from({ length: 121 }, (_, i) => (i * i) % 7)).pipe(windows({ steps: 4 }));
const window = first(window$.pipe(take(1)));
const gradientsOf = (model: Model): Tensors =>
  first(of(window).pipe(unroll(model), crossEntropy(), backpropagate(model)), gradients);
const bits = (model: Model): number[] => [...model.weights.numbers];

/** An untied model with the same numbers. */
function untied(model: Model, options: ModelOptions = {}): Model {
  const own = stateDict(model);
  return makeModel({ ...options, stateDict: new Map([...own, ['linear.weight', own.get('embedding.weight')!]]) });
}

test('gradients of shared weights agree with central differences', () => {
  gradientCheck(
    tied({ dtype: 'float64' }),
    window,
    () => crossEntropy(),
    ({ loss }) => loss,
  );
});

for (const backend of ['wasm', 'plain'] as const) {
  test(`${backend}: outputs are those of an untied model, to the bit, and the gradient is the sum of its two`, () => {
    const model = tied({ dtype: 'float64', backend });
    const other = untied(model, { dtype: 'float64', backend });
    const outputsOf = (of_: Model): Tensor => first(of(window).pipe(unroll(of_)), outputs);
    assert.equal(outputsOf(model), outputsOf(other));
    const [one, two] = [gradientsOf(model), gradientsOf(other)];
    assert.equal(
      [...one.keys()],
      [...two.keys()].filter((name) => name !== 'linear.weight'),
    );
    for (const [name, { data }] of one) {
      const expected = two.get(name)!.data;
      for (const [i, number] of data.entries()) {
        const sum = expected[i]! + (name === 'embedding.weight' ? two.get('linear.weight')!.data[i]! : 0);
        assert.ok(Math.abs(number - sum) <= 1e-15, `${name} ${i}: ${number}, ${sum}`);
      }
    }
  });
}

test('learning moves both by the sum of their gradients', async () => {
  const model = tied({ dtype: 'float64' });
  const before = stateDict(model).get('embedding.weight')!.data;
  const gradient = gradientsOf(model).get('embedding.weight')!.data;
  await lastValueFrom(of(window).pipe(trainer(model, { optimizer: sgd({ learningRate: 0.5 }) }).learn));
  const after = stateDict(model).get('embedding.weight')!.data;
  for (const [i, number] of after.entries()) assert.is(number, before[i]! - 0.5 * gradient[i]!);
  const outputsOf = (of_: Model): Tensor => first(of(window).pipe(unroll(of_)), outputs);
  assert.equal(outputsOf(model), outputsOf(untied(model, { dtype: 'float64' })));
});

test('the shared weights start as the output layer’s, and all others as those of the untied model', () => {
  const [model, other] = [stateDict(tied()), stateDict(makeModel())];
  assert.equal(model.get('embedding.weight'), other.get('linear.weight'));
  for (const [name, tensor] of model) if (name !== 'embedding.weight') assert.equal(tensor, other.get(name));
});

test('a file has the shared weights once, and says whose they are as safetensors’ save_model does', () => {
  const path = join(temporaryFolder(), 'tied.safetensors');
  const model = tied();
  saveModel(path, model);
  const { tensors, metadata } = readSafetensors(readFileSync(path));
  assert.equal(
    [...tensors.keys()].filter((name) => name.endsWith('.weight')),
    ['embedding.weight'],
  );
  assert.is(metadata.get('linear.weight'), 'embedding.weight');
  const loaded = loadModel(path).model;
  assert.equal(loaded.configuration, model.configuration);
  assert.equal(bits(loaded), bits(model));
});

test('a state dict of torch has both names; where their numbers differ it is refused', () => {
  const model = tied();
  const own = stateDict(tied({ random: seeded(4) }));
  const weight = own.get('embedding.weight')!;
  loadStateDict(model, new Map([...own, ['linear.weight', weight]]));
  assert.equal(stateDict(model), own);
  const without = [...own].filter(([name]) => name !== 'embedding.weight');
  loadStateDict(model, new Map([...without, ['linear.weight', weight]]));
  assert.equal(stateDict(model), own);
  const others = { shape: weight.shape, data: weight.data.map((x) => x + 1) };
  assert.throws(
    () => loadStateDict(model, new Map([...own, ['linear.weight', others]])),
    /^loadStateDict: linear\.weight must be embedding\.weight, whose numbers it shares, got others$/,
  );
  assert.equal(stateDict(model), own);
});

test('a checkpoint has them, and a resumed run continues with the same bits', async () => {
  const start = (model: Model, resumeFrom?: Parameters<typeof trainer>[1]['resumeFrom']) => {
    const average = averaged(model, { decay: 0.9 });
    return { model, average, run: trainer(model, { optimizer: average.optimizer(adam()), resumeFrom }) };
  };
  const whole = start(tied());
  await lastValueFrom(window$.pipe(whole.run.learn));
  const cut = start(tied());
  await lastValueFrom(window$.pipe(take(11), cut.run.learn));
  const folder = temporaryFolder();
  saveCheckpoint(folder, { training: cut.run.state() });
  const { model, training } = latestCheckpoint(folder)!;
  const rest = start(model, training);
  const left = await lastValueFrom(window$.pipe(toArray()));
  await lastValueFrom(from(left.slice(11)).pipe(rest.run.learn));
  assert.equal(bits(rest.model), bits(whole.model));
  assert.equal(bits(rest.average.model), bits(whole.average.model));
});

test('an encoder–decoder writes and reads by one table', () => {
  const cell = { inputSize: 3, hiddenSize: 3 };
  const table = () => embedding({ inputSize: 6, outputSize: 3 });
  const model = seq2seq(
    {
      encoderEmbedding: table(),
      encoder: gru(cell),
      decoderEmbedding: table(),
      decoder: gru(cell),
      fc: linear({ inputSize: 3, outputSize: 6 }),
    },
    {
      dtype: 'float64',
      weightTying: { 'fc.weight': 'encoderEmbedding.weight', 'decoderEmbedding.weight': 'encoderEmbedding.weight' },
    },
  );
  assert.equal(
    [...model.weights.tensors.keys()].filter((name) => name.endsWith('.weight')),
    ['encoderEmbedding.weight'],
  );
  const [inputs, targets] = [Int32Array.of(0, 1, 2), Int32Array.of(1, 2, 5)];
  const sourced = { steps: 3, lanes: 1, inputs, targets, source: { steps: 2, inputs: Int32Array.of(3, 4) } };
  gradientCheck(
    model,
    { ...window, ...sourced },
    () => crossEntropy(),
    ({ loss }) => loss,
  );
});

test('a larger vocabulary and ONNX keep the shared weights', () => {
  const model = tied();
  const larger = growVocabulary(model, 9);
  assert.equal(larger.configuration['weightTying'], TIED);
  assert.equal(larger.weights.tensors.get('embedding.weight')!.shape, [9, 5]);
  const outputsOf = (of_: Model): number[] => [...first(of(window).pipe(unroll(of_)), outputs).data];
  const again = outputsOf(fromOnnx(toOnnx(model, { inputs: 'tokens' })));
  for (const [i, number] of outputsOf(model).entries()) assert.ok(Math.abs(number - again[i]!) < 1e-6);
});

test('what cannot be shared is refused by name', () => {
  const refused = (weightTying: unknown, message: RegExp, more: ModelOptions = {}): void =>
    assert.throws(() => makeModel({ ...more, weightTying: weightTying as Record<string, string> }), message);
  refused(true, /^sequential: weightTying must be /);
  refused({ 'linear.weight': 1 }, /^sequential: weightTying of linear\.weight must be the name of a parameter, got 1$/);
  refused(
    { 'linear.weight': 'table' },
    /^sequential: weightTying has no parameter table, there are embedding\.weight, /,
  );
  refused({ table: 'embedding.weight' }, /^sequential: weightTying has no parameter table, there are /);
  refused({ 'linear.weight': 'linear.weight' }, /weightTying needs a parameter of its own for linear\.weight/);
  refused(
    { 'lstm.weight_hh_l0': 'lstm.weight_ih_l0', 'lstm.weight_ih_l0': 'lstm.weight_hh_l0' },
    /weightTying needs a parameter of its own for lstm\.weight_hh_l0, got lstm\.weight_ih_l0/,
  );
  refused(
    { 'linear.bias': 'embedding.weight' },
    /^sequential: weightTying needs one shape, linear\.bias has \[7\] and embedding\.weight \[7, 5\]$/,
  );
  refused(TIED, /^sequential: cannot freeze linear\.weight, there are /, { frozen: ['linear.weight'] });
});

test.run();
