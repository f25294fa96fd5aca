import { of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyDecode } from '../../src/infer/greedyDecode.js';
import { gru } from '../../src/layer/gru.js';
import type { Layer } from '../../src/layer/layer.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { rnn } from '../../src/layer/rnn.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { gradients } from '../../src/learn/gradients.js';
import { outputs } from '../../src/learn/outputs.js';
import { scaleLoss } from '../../src/learn/scaleLoss.js';
import { unroll } from '../../src/learn/unroll.js';
import { seq2seq, type Seq2seq } from '../../src/model/seq2seq.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import type { Random } from '../../src/random/random.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import type { Numbers, State, Tensors, Token, Window } from '../../src/types.js';
import { first } from '../learn/first.js';
import { gradientCheck } from '../learn/gradientCheck.js';
import { centralDifferences } from '../support/centralDifferences.js';

const SIZE = 6;
const kinds: Record<string, (inputSize?: number) => Layer> = {
  rnn: (inputSize = SIZE) => rnn({ inputSize, hiddenSize: 5 }),
  'rnn of two layers': (inputSize = SIZE) => rnn({ inputSize, hiddenSize: 5, numLayers: 2 }),
  lstm: (inputSize = SIZE) => lstm({ inputSize, hiddenSize: 5 }),
  'gru of two layers': (inputSize = SIZE) => gru({ inputSize, hiddenSize: 5, numLayers: 2 }),
};

function make(layer: (inputSize?: number) => Layer, inputSize?: number): Seq2seq {
  const fc = linear({ inputSize: 5, outputSize: SIZE });
  const layers = { encoder: layer(inputSize), decoder: layer(inputSize), fc };
  return seq2seq(layers, { dtype: 'float64', random: numpyRandom(3) });
}

// two lanes; sources of three steps, targets of two and their end token 1, after the start token 0
const window: Window = {
  steps: 3,
  lanes: 2,
  source: { steps: 3, inputs: Int32Array.of(2, 3, 4, 5, 1, 1) },
  inputs: Int32Array.of(0, 0, 3, 2, 5, 4),
  targets: Int32Array.of(3, 2, 5, 4, 1, 1),
};

/** Pairs of different lengths, in tokens. */
const PAIRS: readonly (readonly [source: readonly Token[], target: readonly Token[]])[] = [
  [
    [2, 3, 4, 5, 2],
    [4, 3, 1],
  ],
  [[3], [2, 5, 4, 3, 1]],
  [[5, 4, 2], [1]],
  [
    [2, 2],
    [3, 3, 3, 1],
  ],
];

/** Pairs side by side, padded with what `fill` gives: after sequences, or before them. */
function batch(pairs: typeof PAIRS, before: boolean, fill: () => Token): Window {
  const side = (sequences: readonly (readonly Token[])[], pad = fill) => {
    const steps = Math.max(...sequences.map(({ length }) => length));
    const tokens = new Int32Array(steps * sequences.length);
    const mask = new Uint8Array(tokens.length);
    for (const [lane, sequence] of sequences.entries()) {
      const from = before ? steps - sequence.length : 0;
      for (let t = 0; t < steps; t++) {
        const at = t * sequences.length + lane;
        const token = sequence[t - from];
        tokens[at] = token ?? pad();
        mask[at] = Number(token !== undefined);
      }
    }
    return { steps, tokens, mask };
  };
  const source = side(pairs.map(([source]) => source));
  const inputs = side(pairs.map(([, target]) => [0, ...target.slice(0, -1)]));
  const targets = side(pairs.map(([, target]) => target));
  return {
    steps: inputs.steps,
    lanes: pairs.length,
    source: { steps: source.steps, inputs: source.tokens, mask: source.mask },
    inputs: inputs.tokens,
    targets: targets.tokens,
    mask: inputs.mask,
  };
}

function learn(model: Seq2seq, window: Window): { loss: number; count: number; found: Tensors } {
  const differentiated$ = of(window).pipe(unroll(model), crossEntropy({ reduction: 'sum' }), backpropagate(model));
  return first(differentiated$, (it) => ({ loss: it.loss, count: it.count, found: gradients(it) }));
}

for (const [name, layer] of Object.entries(kinds)) {
  test(`${name}: gradients reach the encoder through the state`, () => {
    const model = make(layer);
    for (const it of [window, batch(PAIRS, false, () => 0)]) {
      gradientCheck(model, it, crossEntropy, ({ loss }) => loss);
    }
  });

  test(`${name}: stepping the decoder from the encoded state gives the window's logits, to the bit`, () => {
    const model = make(layer);
    const { data } = first(of(window).pipe(unroll(model)), outputs);
    let state = model.encode(window.source!.inputs, { lanes: 2 });
    const stepped: number[] = [];
    for (let t = 0; t < 3; t++) {
      const next = model.step((window.inputs as Int32Array).slice(t * 2, t * 2 + 2), state);
      stepped.push(...next.output.data);
      state = next.state;
    }
    assert.equal(Array.from(data), stepped);
  });

  for (const [where, before] of [
    ['after', false],
    ['before', true],
  ] as const) {
    test(`${name}: a batch of pairs of different lengths, padded ${where}, has the losses and gradients of each pair alone`, () => {
      const model = make(layer);
      const alone = PAIRS.map((pair) =>
        learn(
          model,
          batch([pair], before, () => 0),
        ),
      );
      const lengths = alone.map(({ count }) => count);
      assert.equal(
        lengths,
        PAIRS.map(([, target]) => target.length),
      );
      // the values of the padding do not matter: a token, none, a number outside the vocabulary
      for (const fill of [0, 4, -1, 99, -7]) {
        const together = learn(
          model,
          batch(PAIRS, before, () => fill),
        );
        const sum = alone.reduce((sum, { loss, count }) => sum + loss * count, 0);
        const count = lengths.reduce((sum, length) => sum + length, 0);
        assert.is(together.count, count);
        assert.ok(Math.abs(together.loss * count - sum) < 1e-12, `loss ${together.loss * count} ${sum}`);
        for (const [name, { data }] of together.found) {
          assert.ok(
            data.some((value) => value !== 0),
            name,
          );
          for (const [i, value] of data.entries()) {
            const expected = alone.reduce((sum, { found }) => sum + found.get(name)!.data[i]!, 0);
            assert.ok(Math.abs(value - expected) < 1e-12, `${name}[${i}]: ${value}, alone ${expected}`);
          }
        }
      }
    });

    test(`${name}: sources of different lengths, padded ${where}, are encoded as each alone, to the bit`, () => {
      const model = make(layer);
      const { source, lanes } = batch(PAIRS, before, () => 99);
      const states = model.encode(source!.inputs, { lanes, mask: source!.mask! });
      for (const [lane, [tokens]] of PAIRS.entries()) {
        const alone = model.encode(Int32Array.from(tokens));
        for (const [part, { data, shape }] of states) {
          const size = shape[2]!;
          const own = data.filter((_, i) => Math.floor(i / size) % lanes === lane);
          assert.equal(own, alone.get(part)!.data, `${part} of lane ${lane}`);
        }
      }
    });
  }
}

for (const [name, bidirectional, features] of [
  ['tokens', false, false],
  ['features', false, true],
  ['tokens in both directions', true, false],
] as const) {
  test(`a long source of ${name}, of which encode reads parts, gives the state that a window starts from, to the bit`, () => {
    const layer = (): Layer => lstm({ inputSize: SIZE, hiddenSize: 5, numLayers: 2, bidirectional });
    const fc = linear({ inputSize: bidirectional ? 10 : 5, outputSize: SIZE });
    const model = seq2seq({ encoder: layer(), decoder: layer(), fc }, { dtype: 'float64', random: numpyRandom(3) });
    const [lanes, random] = [2, numpyRandom(4)];
    for (const steps of [63, 64, 65, 150]) {
      const rows = steps * lanes;
      const mask = new Uint8Array(rows).map((_, i) => (i % lanes === 1 && i > rows / 2 ? 0 : 1));
      const inputs = features
        ? new Float64Array(rows * SIZE).map(() => random.normal())
        : new Int32Array(rows).map(() => random.integer(SIZE));
      const window: Window = {
        steps: 1,
        lanes,
        source: { steps, inputs, mask },
        inputs: Int32Array.of(0, 0),
        targets: Int32Array.of(1, 1),
      };
      const { data } = first(of(window).pipe(unroll(model)), outputs);
      const stepped = model.step(Int32Array.of(0, 0), model.encode(inputs, { lanes, mask }));
      assert.equal([...stepped.output.data], [...data], `${steps} steps`);
      assert.throws(() => model.encode(inputs, { lanes, mask: mask.subarray(1) }), /mask needs \d+ flags, got \d+/);
    }
  });
}

test('takes features, whose gradient is given at the inputs of the decoder, and a gradient at its final state', () => {
  const model = make(kinds['lstm']!, 3);
  const random = numpyRandom(5);
  const normals = (length: number): Float64Array => new Float64Array(length).map(() => random.normal());
  const [source, inputs, atOutput] = [normals(4 * 2 * 3), normals(3 * 2 * 3), normals(3 * 2 * SIZE)];
  const mask = Uint8Array.of(1, 1, 1, 1, 1, 0);
  source.fill(NaN, 3, 6); // of the second lane, before its sequence
  inputs.fill(NaN, 15, 18);
  const sourceMask = Uint8Array.of(1, 0, 1, 1, 1, 1, 1, 1);
  const atState: State = new Map(
    [...model.zeroState(2)].map(([name, { shape, data }]) => [name, { shape, data: normals(data.length) }]),
  );
  const tape = model.tape(4, 2);
  const forward = (): number => {
    model.kernel.weightsChanged();
    tape.forward(inputs, 3, { mask, source: { steps: 4, inputs: source, mask: sourceMask } });
    let sum = 0;
    for (const [i, factor] of atOutput.entries()) if (mask[Math.floor(i / SIZE)] === 1) sum += factor * tape.output[i]!;
    for (const [name, { data }] of tape.state()) {
      for (const [i, value] of data.entries()) sum += value * atState.get(name)!.data[i]!;
    }
    return sum;
  };
  forward();
  tape.outputGradient.set(atOutput.map((factor, i) => (mask[Math.floor(i / SIZE)] === 1 ? factor : 0)));
  tape.backward(atState, { inputGradient: true });
  const { data } = tape.inputGradient();
  assert.equal(data.slice(15), new Float64Array(3));
  const checks: [string, Numbers, Numbers][] = [['inputs', inputs.subarray(0, 15), data.slice(0, 15)]];
  for (const [name, { data }] of model.weights.tensors) {
    checks.push([name, data, tape.gradients.tensors.get(name)!.data.slice()]);
  }
  for (const [name, numbers, gradient] of checks) {
    const { relative, zeros } = centralDifferences(numbers, gradient, forward);
    assert.not.ok(zeros, `${name}: a gradient of zeros proves nothing`);
    assert.ok(relative < 1e-6, `${name}: relative error ${relative} against central differences`);
  }
});

test('dropout between layers reaches encoder and decoder, where there is a generator', () => {
  const model = make(() => rnn({ inputSize: SIZE, hiddenSize: 5, numLayers: 2, dropout: 0.5 }));
  const dropout = (): Random => numpyRandom(1);
  gradientCheck(model, window, crossEntropy, ({ loss }) => loss, undefined, dropout);
  const loss = (random?: Random): number =>
    first(of(window).pipe(unroll(model, random ? { dropoutRandom: random } : {}), crossEntropy())).loss;
  assert.not.equal(loss(dropout()), loss());
});

test('a source longer than the window, and windows that grow, have room', () => {
  const model = make(kinds['lstm']!);
  const windows = [
    [1, 1],
    [2, 9],
    [12, 3],
  ].map(([steps, sourceSteps]): Window => ({
    steps: steps!,
    lanes: 1,
    source: { steps: sourceSteps!, inputs: new Int32Array(sourceSteps!).fill(2) },
    inputs: new Int32Array(steps!),
    targets: new Int32Array(steps!),
  }));
  const seen: Numbers[] = [];
  of(...windows)
    .pipe(unroll(model))
    .subscribe((unrolled) => seen.push(outputs(unrolled).data));
  const alone = windows.map((window) => first(of(window).pipe(unroll(model)), outputs).data);
  assert.equal(seen, alone);
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

const sizes = (encoder: number, decoder: number, fc: number): Seq2seq =>
  seq2seq({
    encoder: rnn({ inputSize: SIZE, hiddenSize: encoder }),
    decoder: rnn({ inputSize: SIZE, hiddenSize: decoder }),
    fc: linear({ inputSize: fc, outputSize: SIZE }),
  });
const run = ({ steps, lanes, inputs, source }: Window, model: Model = make(kinds['rnn']!)): void =>
  model.tape(steps, lanes).forward(inputs, steps, { source });
const { source, ...sourceless } = window;
const bad: [string, () => unknown, RegExp][] = [
  ['a decoder of another size', () => sizes(4, 5, 5), /seq2seq: the decoder's state .* is not the encoder's/],
  ['a readout of another size', () => sizes(5, 5, 4), /seq2seq: fc takes 4 features, the decoder gives 5/],
  [
    'an unknown option',
    () =>
      seq2seq({ encoder: kinds['rnn']!(), decoder: kinds['rnn']!(), fc: linear({ inputSize: 5, outputSize: 6 }) }, {
        start: 0,
      } as never),
    /seq2seq: unknown option start/,
  ],
  [
    'an initial state beside a source',
    () => {
      const failed: Error[] = [];
      const initialState = make(kinds['rnn']!).zeroState(2);
      of(window)
        .pipe(unroll(make(kinds['rnn']!), { initialState }))
        .subscribe({ error: (error: Error) => failed.push(error) });
      throw failed[0]!;
    },
    /unroll: initialState is not used by windows with a source/,
  ],
  ['a window without a source', () => run(sourceless), /seq2seq: a window needs a source/],
  ['a source for another model', () => run(window, sequential({ rnn: kinds['rnn']!() })), /without a source/],
  [
    'a source of other lanes',
    () => run({ ...window, source: { steps: 3, inputs: Int32Array.of(1, 2, 3) } }),
    /seq2seq: 3 steps × 2 lanes of layer encoder need 6 inputs, got 3/,
  ],
  [
    'a mask of other lanes',
    () => run({ ...window, source: { ...source!, mask: new Uint8Array(3) } }),
    /mask needs 6 flags, got 3/,
  ],
  ['a token outside', () => make(kinds['rnn']!).encode(Int32Array.of(6)), /token 6 is outside the vocabulary of 6/],
  ['nothing to encode', () => make(kinds['rnn']!).encode(Int32Array.of()), /encode: needs tokens for 1 lanes, got 0/],
  [
    'tokens that are not so many for each lane',
    () => make(kinds['rnn']!).encode(Int32Array.of(1, 2, 3), { lanes: 2 }),
    /encode: needs tokens for 2 lanes, got 3/,
  ],
];
for (const [name, call, message] of bad) test(`refused: ${name}`, () => assert.throws(call, message));

test.run();
