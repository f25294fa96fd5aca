import { of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyDecode } from '../../src/infer/greedyDecode.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { rnn } from '../../src/layer/rnn.js';
import type { Layer } from '../../src/layer/layer.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { outputs } from '../../src/learn/outputs.js';
import { scaleLoss } from '../../src/learn/scaleLoss.js';
import { unroll } from '../../src/learn/unroll.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { seq2seq, type Seq2seq } from '../../src/model/seq2seq.js';
import type { Random } from '../../src/random/random.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import type { Window } from '../../src/types.js';
import { first } from '../learn/first.js';
import { gradientCheck } from '../learn/gradientCheck.js';

const kinds: Record<string, () => Layer> = {
  rnn: () => rnn({ inputSize: 6, hiddenSize: 5 }),
  'rnn of two layers': () => rnn({ inputSize: 6, hiddenSize: 5, numLayers: 2 }),
  lstm: () => lstm({ inputSize: 6, hiddenSize: 5 }),
};

function make(layer: () => Layer): Seq2seq {
  const fc = linear({ inputSize: 5, outputSize: 6 });
  return seq2seq({ encoder: layer(), decoder: layer(), fc }, { start: 0, dtype: 'float64', random: numpyRandom(3) });
}

// two lanes; sources of three steps, targets of two and their start token
const window: Window = {
  steps: 6,
  lanes: 2,
  inputs: Int32Array.of(2, 3, 4, 5, 1, 1, 0, 0, 3, 2, 5, 4),
  targets: Int32Array.of(0, 0, 0, 0, 0, 0, 3, 2, 5, 4, 1, 1),
  mask: Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1),
};

for (const [name, layer] of Object.entries(kinds)) {
  test(`${name}: gradients reach the encoder through the state`, () => {
    const model = make(layer);
    gradientCheck(model, window, crossEntropy, ({ loss }) => loss, model.zeroState(2));
  });

  test(`${name}: stepping the decoder from the encoded state gives the window's logits, to the bit`, () => {
    const model = make(layer);
    const { data } = first(of(window).pipe(unroll(model)), outputs);
    let state = model.encode((window.inputs as Int32Array).slice(0, 6), 2);
    const stepped: number[] = [];
    for (let t = 3; t < 6; t++) {
      const next = model.step((window.inputs as Int32Array).slice(t * 2, t * 2 + 2), state);
      stepped.push(...next.output.data);
      state = next.state;
    }
    assert.equal(Array.from(data.subarray(36)), stepped);
    assert.ok(data.slice(0, 36).every((x) => x === 0));
  });
}

test('dropout between layers reaches encoder and decoder, where there is a generator', () => {
  const layers = () => rnn({ inputSize: 6, hiddenSize: 5, numLayers: 2, dropout: 0.5 });
  const model = make(layers);
  const dropout = (): Random => numpyRandom(1);
  gradientCheck(model, window, crossEntropy, ({ loss }) => loss, model.zeroState(2), dropout);
  const loss = (random?: Random): number =>
    first(of(window).pipe(unroll(model, random ? { dropout: random } : {}), crossEntropy())).loss;
  assert.not.equal(loss(dropout()), loss());
});

test('a scaled loss has scaled gradients', () => {
  const model = make(kinds['rnn']!);
  const norm = (factor: number): number =>
    first(of(window).pipe(unroll(model), crossEntropy(), scaleLoss(factor), backpropagate(model))).gradientNorm;
  assert.ok(Math.abs(norm(4) - 4 * norm(1)) < 1e-14);
  assert.throws(() => scaleLoss(NaN), /scaleLoss: factor must be a finite number, got NaN/);
});

test('greedy decoding stops after the end token, or after so many', () => {
  const model = make(kinds['rnn']!);
  const source = Int32Array.of(2, 3, 1);
  const all = greedyDecode(model, source, { start: 0, maxTokens: 5 });
  assert.is(all.length, 5);
  const stopped = greedyDecode(model, source, { start: 0, end: all[0]!, maxTokens: 5 });
  assert.equal(stopped, all.slice(0, 1));
});

const bad: [string, () => unknown, RegExp][] = [
  [
    'a decoder of another size',
    () =>
      seq2seq(
        {
          encoder: rnn({ inputSize: 6, hiddenSize: 4 }),
          decoder: rnn({ inputSize: 6, hiddenSize: 5 }),
          fc: linear({ inputSize: 5, outputSize: 6 }),
        },
        { start: 0 },
      ),
    /seq2seq: the decoder's state .* is not the encoder's/,
  ],
  [
    'a readout of another size',
    () =>
      seq2seq(
        {
          encoder: rnn({ inputSize: 6, hiddenSize: 5 }),
          decoder: rnn({ inputSize: 6, hiddenSize: 5 }),
          fc: linear({ inputSize: 4, outputSize: 6 }),
        },
        { start: 0 },
      ),
    /seq2seq: fc takes 4 features, the decoder gives 5/,
  ],
  [
    'a start outside the vocabulary',
    () =>
      seq2seq(
        {
          encoder: rnn({ inputSize: 6, hiddenSize: 5 }),
          decoder: rnn({ inputSize: 6, hiddenSize: 5 }),
          fc: linear({ inputSize: 5, outputSize: 6 }),
        },
        { start: 6 },
      ),
    /start must be a token of the vocabulary of 6, got 6/,
  ],
  [
    'a window without start',
    () => make(kinds['rnn']!).tape(2, 1).forward(Int32Array.of(1, 2), 2),
    /no step of the window has the start token 0/,
  ],
  ['a token outside', () => make(kinds['rnn']!).encode(Int32Array.of(6)), /token 6 is outside the vocabulary of 6/],
];
for (const [name, call, message] of bad) test(`refused: ${name}`, () => assert.throws(call, message));

test.run();
