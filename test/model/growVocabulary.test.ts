import { from, lastValueFrom, repeat } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  activation,
  adam,
  adaptiveSoftmax,
  autoregression,
  dropout,
  embedding,
  gru,
  growVocabulary,
  type Layer,
  linear,
  type LinearOptions,
  lstm,
  minGru,
  type Model,
  rnn,
  seeded,
  seq2seq,
  sequential,
  stateDict,
  train,
  windows,
} from '../../src/index.js';

const SIZE = 5;
const fc = linear({ inputSize: 4, outputSize: SIZE });
const sizes = { inputSize: SIZE, hiddenSize: 4 };

/** Every form of a model of tokens. */
const MODELS: Readonly<Record<string, Readonly<Record<string, Layer>>>> = {
  'one-hot tokens': { rnn: rnn(sizes), fc },
  'two layers in both directions': {
    lstm: lstm({ ...sizes, numLayers: 2, bidirectional: true }),
    fc: linear({ inputSize: 8, outputSize: SIZE, bias: false }),
  },
  'an embedding': {
    table: embedding({ inputSize: SIZE, outputSize: 3 }),
    gru: gru({ inputSize: 3, hiddenSize: 4 }),
    fc,
  },
  'a layer that ends in shares': {
    gru: minGru(sizes),
    fc,
    dropout: dropout({ size: SIZE, rate: 0.5 }),
    shares: activation({ size: SIZE, nonlinearity: 'identity' }),
  },
  'one layer for both': { bigram: linear({ inputSize: SIZE, outputSize: SIZE }) },
};

function outputOf(model: Model, tokens: readonly number[]): number[][] {
  let state = model.zeroState();
  return tokens.map((token) => {
    const next = model.step(token, state);
    state = next.state;
    return [...next.output.data];
  });
}

for (const [name, layers] of Object.entries(MODELS)) {
  test(`${name}: the old tokens keep the bits of their outputs, new ones have the mean`, () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const model = sequential(layers, { dtype, random: seeded(2) });
      const grown = growVocabulary(model, SIZE + 2);
      assert.equal([grown.inputSize, grown.outputSize, grown.dtype], [SIZE + 2, SIZE + 2, dtype]);
      const streams = !Object.values(model.layers).some(({ bidirectional }) => bidirectional);
      if (!streams) continue;
      const tokens = [0, 4, 2, 1];
      const [before, after] = [outputOf(model, tokens), outputOf(grown, tokens)];
      for (const [i, logits] of after.entries()) {
        assert.equal(logits.slice(0, SIZE), before[i]);
        const mean = before[i]!.reduce((sum, x) => sum + x) / SIZE;
        for (const logit of logits.slice(SIZE)) assert.ok(Math.abs(logit - mean) < 1e-6, `${logit}, mean ${mean}`);
      }
    }
  });
}

test('a new token is read as the mean of the others', () => {
  const model = sequential(MODELS['an embedding']!, { random: seeded(1) });
  const [before, after] = [model, growVocabulary(model, 6)].map((it) => stateDict(it).get('table.weight')!);
  for (let k = 0; k < 3; k++) {
    const column = Array.from({ length: SIZE }, (_, token) => before!.data[token * 3 + k]!);
    assert.ok(Math.abs(after!.data[SIZE * 3 + k]! - column.reduce((sum, x) => sum + x) / SIZE) < 1e-6);
  }
});

test('the rare tokens of an adaptive softmax grow', () => {
  const softmax = adaptiveSoftmax({ inputSize: 8, outputSize: SIZE, cutoffs: [2] });
  const model = sequential({ gru: gru({ inputSize: SIZE, hiddenSize: 8 }), softmax }, { random: seeded(3) });
  const grown = growVocabulary(model, 9);
  const [logs] = outputOf(grown, [1]);
  assert.is(logs!.length, 9);
  assert.ok(Math.abs(logs!.reduce((sum, x) => sum + Math.exp(x), 0) - 1) < 1e-6);
});

test('the layer beside the others, what is frozen and the backend are kept', () => {
  const bigram = linear({ inputSize: SIZE, outputSize: SIZE });
  const options = { skip: bigram, frozen: ['rnn.bias_hh_l0'], backend: 'plain' } as const;
  const model = sequential(MODELS['one-hot tokens']!, options);
  const grown = growVocabulary(model, 6);
  assert.equal([grown.skip!.inputSize, grown.skip!.outputSize, grown.kernel.backend], [6, 6, 'plain']);
  assert.equal([...grown.frozen], ['rnn.bias_hh_l0']);
  assert.equal(outputOf(grown, [3])[0]!.slice(0, SIZE), outputOf(model, [3])[0]);
});

test('the old model stays as it was, and the grown one learns the new tokens', async () => {
  const model = sequential(MODELS['one-hot tokens']!, { random: seeded(1) });
  const before = stateDict(model);
  const grown = growVocabulary(model, 7);
  const tokens = Array.from({ length: 61 }, (_, i) => [0, 5, 3, 6][i % 4]!);
  const learned$ = from(tokens).pipe(
    windows({ steps: 10 }),
    repeat(30),
    train(grown, { optimizer: adam({ learningRate: 0.03 }) }),
  );
  const { loss } = await lastValueFrom(learned$);
  assert.ok(loss < 0.1, `${loss}`);
  assert.equal(stateDict(model), before);
});

test('a layer of your own grows by its maker', () => {
  const own = (options: LinearOptions): Layer => ({ ...linear(options), kind: 'own' });
  const model = sequential({ rnn: rnn(sizes), own: own({ inputSize: 4, outputSize: SIZE }) });
  assert.is(growVocabulary(model, 6, { layers: { own } }).outputSize, 6);
  assert.throws(() => growVocabulary(model, 6), /^growVocabulary: layer own, of kind own, needs its maker: \{ layers/);
});

const FORECASTER = { gru: gru(sizes), fc };
const SMALL = { act: activation({ size: 5, nonlinearity: 'tanh' }), linear: linear({ inputSize: 5, outputSize: 5 }) };
for (const [name, make, size, message] of [
  ['a size below', () => sequential(MODELS['one-hot tokens']!), 4, /size must be an integer from 5 up, got 4/],
  ['features', () => sequential(SMALL), 6, /layer act reads features, not tokens/],
  [
    'a forecaster, whose layer beside the others tells that it reads features',
    () => sequential(FORECASTER, { skip: autoregression({ inputSize: SIZE, steps: 2 }) }),
    6,
    /^growVocabulary: layer skip reads features, not tokens$/,
  ],
  [
    'other tokens out than in',
    () => sequential({ rnn: rnn(sizes), fc: linear({ inputSize: 4, outputSize: 3 }) }),
    6,
    /reads 5 tokens and predicts 3/,
  ],
  [
    'no layer of outputs',
    () => sequential({ rnn: rnn({ inputSize: 4, hiddenSize: 4 }) }),
    6,
    /layer rnn, of kind rnn, has no outputSize/,
  ],
  [
    'a seq2seq',
    () => seq2seq({ encoder: gru(sizes), decoder: gru(sizes), fc }),
    6,
    /needs a sequential, got a seq2seq/,
  ],
] as const) {
  test(`refused: ${name}`, () => assert.throws(() => growVocabulary(make(), size), message));
}

test.run();
