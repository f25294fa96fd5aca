import { from, lastValueFrom, map, take, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  crossEntropy,
  growVocabulary,
  latestCheckpoint,
  linear,
  loadModel,
  lstm,
  type Model,
  ngramEmbedding,
  outputs,
  saveCheckpoint,
  saveModel,
  seeded,
  sequential,
  type Tensor,
  train,
  trainer,
  unroll,
  type Window,
  windows,
} from '../../src/index.js';
import { join } from 'node:path';
import { temporaryFolder } from '../checkpoint/runs.js';
import { first } from '../learn/first.js';
import { gradientCheck } from '../learn/gradientCheck.js';
import { tokens } from './support.js';

const V = 4;

/** A model whose tables are not zeros any more. */
function make(order: number, buckets: number, options: { readonly backend?: 'plain' | 'wasm' } = {}): Model {
  const model = sequential(
    {
      table: ngramEmbedding({ inputSize: V, outputSize: 3, order, buckets }),
      lstm: lstm({ inputSize: 3, hiddenSize: 5 }),
      linear: linear({ inputSize: 5, outputSize: V }),
    },
    { dtype: 'float64', random: seeded(2), ...options },
  );
  const random = seeded(5);
  for (const [name, { data }] of model.weights.tensors) {
    if (name.startsWith('table.weight_')) for (let i = 0; i < data.length; i++) data[i] = random.normal();
  }
  model.kernel.weightsChanged();
  return model;
}
const bare = (order: number, buckets?: number): Model =>
  sequential(
    { table: ngramEmbedding({ inputSize: V, outputSize: 3, order, ...(buckets && { buckets }) }) },
    { dtype: 'float64', random: seeded(2) },
  );
const windowOf = (steps: number, lanes: number, inputs: Int32Array, more: Partial<Window> = {}): Window => ({
  steps,
  lanes,
  inputs,
  targets: inputs.map((token) => Math.max(token, 0)),
  ...more,
});
const outputsOf = (model: Model, ...windows: readonly Window[]): number[][] =>
  first(
    from(windows).pipe(
      unroll(model),
      map((unrolled) => [...outputs(unrolled).data]),
      toArray(),
    ),
  );

test('the rows of a token, of the pair and of the triple that it ends are added up', () => {
  const model = bare(3);
  const { tensors } = model.weights;
  assert.equal(
    [...tensors].map(([name, { shape }]) => [name, shape]),
    [
      ['table.weight', [4, 3]],
      ['table.weight_2', [20, 3]], // no token, and four
      ['table.weight_3', [100, 3]],
    ],
  );
  for (const { data } of tensors.values()) data.set(data.map((_, i) => Math.floor(i / 3)));
  const row = (before2: number, before: number, token: number): number =>
    token + ((before + 1) * 4 + token) + ((before2 + 1) * 20 + (before + 1) * 4 + token);
  const expected = [row(-1, -1, 2), row(-1, 2, 3), row(2, 3, 0), row(3, 0, 1)];
  const [found] = outputsOf(model, windowOf(4, 1, Int32Array.of(2, 3, 0, 1)));
  assert.equal(
    found,
    expected.flatMap((sum) => [sum, sum, sum]),
  );
});

for (const [order, buckets] of [
  [1, 9],
  [2, 100],
  [2, 7],
  [4, 30],
] as const) {
  test(`order ${order}, ${buckets} buckets: gradients agree with central differences; both backends give the same bits`, () => {
    const inputs = tokens(15, V);
    const mask = Uint8Array.from(inputs, (_, i) => (i % 3 === 1 && i > 8 ? 0 : 1));
    const window = windowOf(5, 3, inputs, { mask });
    gradientCheck(
      make(order, buckets),
      window,
      () => crossEntropy(),
      ({ loss }) => loss,
    );
    const [wasm, plain] = (['wasm', 'plain'] as const).map((backend) =>
      outputsOf(make(order, buckets, { backend }), window),
    );
    assert.equal(wasm, plain);
  });

  test(`order ${order}, ${buckets} buckets: one window, several, single steps and other lanes give the same bits`, () => {
    const model = make(order, buckets);
    const lanes = [tokens(9, V), tokens(9, V)];
    const both = Int32Array.from({ length: 18 }, (_, i) => lanes[i % 2]![Math.floor(i / 2)]!);
    const [whole] = outputsOf(model, windowOf(9, 2, both));
    const parts = outputsOf(model, windowOf(4, 2, both.slice(0, 8)), windowOf(5, 2, both.slice(8)));
    assert.equal(parts.flat(), whole);
    for (const [lane, own] of lanes.entries()) {
      const [alone] = outputsOf(model, windowOf(9, 1, own));
      assert.equal(
        alone,
        whole!.filter((_, i) => Math.floor(i / V) % 2 === lane),
      );
      let state = model.zeroState();
      const stepped = [...own].flatMap((token) => {
        const next = model.step(token, state);
        ({ state } = next);
        return [...next.output.data];
      });
      assert.equal(stepped, alone);
    }
  });
}

test('padding leaves the tokens before it as they were; a reset forgets them', () => {
  const model = make(3, 1000);
  const padded = windowOf(5, 1, Int32Array.of(1, 2, 3, 3, 0), { mask: Uint8Array.of(1, 1, 0, 0, 1) });
  const [found] = outputsOf(model, padded);
  const [expected] = outputsOf(model, windowOf(3, 1, Int32Array.of(1, 2, 0)));
  assert.equal(found!.slice(-V), expected!.slice(-V));
  const again = windowOf(3, 1, Int32Array.of(1, 2, 0), { resets: Uint8Array.of(1) });
  assert.equal(outputsOf(model, padded, again)[1], expected);
});

test('a file and a checkpoint have it: learning continues with the same bits', async () => {
  const text$ = from(Array.from({ length: 61 }, (_, i) => (i * i * i) % V)).pipe(windows({ steps: 4 }));
  const options = () => ({ optimizer: adam({ learningRate: 0.01 }) });
  const whole = make(3, 50);
  await lastValueFrom(text$.pipe(train(whole, options())));
  const cut = make(3, 50);
  const run = trainer(cut, options());
  await lastValueFrom(text$.pipe(take(7), run.learn));
  const folder = temporaryFolder();
  saveCheckpoint(folder, { training: run.state() });
  const { model, training } = latestCheckpoint(folder)!;
  const left = await lastValueFrom(text$.pipe(toArray()));
  await lastValueFrom(from(left.slice(7)).pipe(trainer(model, { ...options(), resumeFrom: training }).learn));
  assert.equal([...model.weights.numbers], [...whole.weights.numbers]);
  saveModel(join(folder, 'model.safetensors'), model);
  const loaded = loadModel(join(folder, 'model.safetensors')).model;
  const window = windowOf(9, 1, tokens(9, V));
  assert.equal(outputsOf(loaded, window), outputsOf(whole, window));
});

test('its rows are of one vocabulary: a model that has it does not grow', () => {
  const model = sequential({
    table: ngramEmbedding({ inputSize: 4, outputSize: 4 }),
    linear: linear({ inputSize: 4, outputSize: 4 }),
  });
  assert.throws(() => growVocabulary(model, 5), /numbers its rows by the size of the vocabulary$/);
});

test('what it cannot use is refused by name', () => {
  const refused = (options: object, message: RegExp): void =>
    assert.throws(() => ngramEmbedding({ inputSize: 4, outputSize: 3, ...options }), message);
  refused({ order: 9 }, /^ngramEmbedding: order must be an integer from 1 to 8, got 9$/);
  refused({ buckets: 0 }, /^ngramEmbedding: buckets must be a positive integer, got 0$/);
  const model = bare(2);
  const state = (data: number[]): ReadonlyMap<string, Tensor> =>
    new Map([['table.before', { shape: [1, 1, 1], data: Float64Array.from(data) }]]);
  assert.throws(
    () => model.step(1, state([5])),
    /^ngramEmbedding: the state must hold tokens plus 1, integers from 0 to 4, got 5$/,
  );
  assert.throws(
    () => model.step(Float64Array.of(1, 0, 0, 0), model.zeroState()),
    /takes tokens \(Int32Array\), got features/,
  );
});

test.run();
