// An encoder–decoder that looks at its source: every score, before and after each step.
import { join } from 'node:path';
import { from, map, of, tap } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../src/checkpoint/loadModel.js';
import { saveModel } from '../../src/checkpoint/saveModel.js';
import { beamSearch } from '../../src/infer/beamSearch.js';
import { greedyDecode } from '../../src/infer/greedyDecode.js';
import { sampleDecode } from '../../src/infer/sampleDecode.js';
import { attention, type AttentionOptions } from '../../src/layer/attention.js';
import { embedding } from '../../src/layer/embedding.js';
import { gru } from '../../src/layer/gru.js';
import type { Layer } from '../../src/layer/layer.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { rnn } from '../../src/layer/rnn.js';
import type { AttentionScore } from '../../src/layer/score.js';
import { adam } from '../../src/learn/adam.js';
import { attentionWeights } from '../../src/learn/attentionWeights.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { gradients } from '../../src/learn/gradients.js';
import { outputs } from '../../src/learn/outputs.js';
import { type Trainer, trainer } from '../../src/learn/trainer.js';
import type { TrainingState } from '../../src/learn/trainingState.js';
import { unroll } from '../../src/learn/unroll.js';
import type { ModelOptions } from '../../src/model/allocateParameters.js';
import { seq2seq, type Seq2seq, type Seq2seqLayers } from '../../src/model/seq2seq.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import type { Random } from '../../src/random/random.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import { seeded } from '../../src/random/seeded.js';
import type { Tensors, Token, Window } from '../../src/types.js';
import { temporaryFolder } from '../checkpoint/runs.js';
import { first } from '../learn/first.js';
import { gradientCheck } from '../learn/gradientCheck.js';
import { centralDifferences } from '../support/centralDifferences.js';
import { bits, collected } from '../learn/support.js';

const [TOKENS, HIDDEN, START, END] = [6, 4, 0, 1];
const SCORES: readonly AttentionScore[] = ['additive', 'concat', 'dot', 'scaledDot', 'general'];

type Where = 'before' | 'after';
interface Form {
  readonly score: AttentionScore;
  readonly where: Where;
  readonly cell?: 'gru' | 'lstm' | 'two layers' | 'both directions';
  /** Whether tokens are read through embeddings. */
  readonly embedded?: boolean;
  readonly bias?: boolean;
}

/** The layers of a small model; with `both directions` the encoder has two, the decoder two layers. */
function layersOf({ score, where, cell = 'gru', embedded = true, bias }: Form): Seq2seqLayers {
  const directions = cell === 'both directions' ? 2 : 1;
  const keySize = HIDDEN * directions;
  const inputSize = embedded ? 3 : TOKENS;
  const recurrent = (inputSize: number, layers: number, bidirectional = false): Layer =>
    cell === 'lstm'
      ? lstm({ inputSize, hiddenSize: HIDDEN })
      : gru({ inputSize, hiddenSize: HIDDEN, numLayers: layers, bidirectional, dropout: layers > 1 ? 0.5 : 0 });
  const layers = cell === 'two layers' ? 2 : 1;
  const table = (): Layer => embedding({ inputSize: TOKENS, outputSize: 3 });
  const hidden = score === 'additive' || score === 'concat' ? { attentionSize: 5 } : {};
  return {
    ...(embedded && { encoderEmbedding: table(), decoderEmbedding: table() }),
    encoder: recurrent(inputSize, layers, directions === 2),
    attention: attention({ score, querySize: HIDDEN, keySize, ...hidden, ...(bias !== undefined && { bias }) }),
    decoder: recurrent(where === 'after' ? inputSize : inputSize + keySize, directions === 2 ? 2 : layers),
    ...(where === 'after' && { combine: linear({ inputSize: keySize + HIDDEN, outputSize: 5 }) }),
    fc: linear({ inputSize: where === 'after' ? 5 : HIDDEN, outputSize: TOKENS }),
  };
}

function make(form: Form, options: ModelOptions = { dtype: 'float64' }): Seq2seq {
  const model = seq2seq(layersOf(form), { random: numpyRandom(3), ...options });
  for (let i = 0, data = model.weights.numbers; i < data.length; i++) data[i]! *= 2; // no weights all alike
  model.kernel.weightsChanged();
  return model;
}

const FORMS: readonly (readonly [string, Form])[] = [
  ...SCORES.flatMap((score) =>
    (['before', 'after'] as const).map((where): [string, Form] => [`${score}, ${where} each step`, { score, where }]),
  ),
  ['additive without biases, one-hot', { score: 'additive', where: 'before', bias: false, embedded: false }],
  ['general after each step, one-hot, lstm', { score: 'general', where: 'after', cell: 'lstm', embedded: false }],
  ['additive before each step, lstm', { score: 'additive', where: 'before', cell: 'lstm' }],
  [
    'general before each step, encoder of both directions',
    { score: 'general', where: 'before', cell: 'both directions' },
  ],
  ['concat after each step, encoder of both directions', { score: 'concat', where: 'after', cell: 'both directions' }],
];

const PAIRS: readonly (readonly [source: readonly Token[], target: readonly Token[]])[] = [
  [
    [2, 3, 4, 5, 2],
    [4, 3, 1],
  ],
  [[3], [2, 5, 4, 3, 1]],
  [[5, 4, 2], [1]],
];

/** Pairs side by side, padded with what `fill` gives. */
function batch(pairs: typeof PAIRS, before = false, fill: Token = 0): Window {
  const side = (sequences: readonly (readonly Token[])[]) => {
    const steps = Math.max(...sequences.map(({ length }) => length));
    const tokens = new Int32Array(steps * sequences.length).fill(fill);
    const mask = new Uint8Array(tokens.length);
    for (const [lane, sequence] of sequences.entries()) {
      for (const [t, token] of sequence.entries()) {
        const at = (t + (before ? steps - sequence.length : 0)) * sequences.length + lane;
        [tokens[at], mask[at]] = [token, 1];
      }
    }
    return { steps, tokens, mask };
  };
  const source = side(pairs.map(([source]) => source));
  const inputs = side(pairs.map(([, target]) => [START, ...target.slice(0, -1)]));
  return {
    steps: inputs.steps,
    lanes: pairs.length,
    source: { steps: source.steps, inputs: source.tokens, mask: source.mask },
    inputs: inputs.tokens,
    targets: side(pairs.map(([, target]) => target)).tokens,
    mask: inputs.mask,
  };
}

interface Learned {
  readonly losses: number[];
  readonly weights: number[];
  readonly found: Tensors;
}

function learn(model: Seq2seq, window: Window): Learned {
  let [losses, weights]: [number[], number[]] = [[], []];
  const differentiated$ = of(window).pipe(
    unroll(model),
    tap((unrolled) => ([losses, weights] = [[...outputs(unrolled).data], [...attentionWeights(unrolled).data]])),
    crossEntropy({ reduction: 'sum' }),
    backpropagate(model),
  );
  return { found: first(differentiated$, gradients), losses, weights };
}

for (const [name, form] of FORMS) {
  test(`${name}: gradients agree with central differences, padding and all`, () => {
    const model = make(form);
    const window = batch(PAIRS, false, 99);
    const exact = learn(model, window).found;
    const loss = (): number => {
      model.kernel.weightsChanged();
      const { loss, count } = first(of(window).pipe(unroll(model), crossEntropy({ reduction: 'sum' })));
      return loss * count;
    };
    for (const [key, { data }] of model.weights.tensors) {
      const gradient = exact.get(key)!.data;
      if (key === 'attention.Va.bias')
        assert.ok(Math.abs(gradient[0]!) < 1e-14); // it moves all scores alike
      else {
        const { relative, zeros } = centralDifferences(data, gradient, loss);
        assert.not.ok(zeros, `${key}: a gradient of zeros proves nothing`);
        assert.ok(relative < 1e-6, `${key}: relative error ${relative} against central differences`);
      }
    }
  });

  for (const dtype of ['float32', 'float64'] as const) {
    test(`${name}, ${dtype}: pairs in a batch have the logits and weights of each alone, to the bit`, () => {
      const model = make(form, { dtype });
      for (const [before, fill] of [
        [false, 0],
        [false, 99],
        [true, -7],
      ] as const) {
        const window = batch(PAIRS, before, fill);
        const together = learn(model, window);
        const sum = new Map<string, number[]>();
        for (const [lane, pair] of PAIRS.entries()) {
          const alone = learn(model, batch([pair], before));
          const [sourceSteps, steps] = [pair[0].length, pair[1].length];
          for (let t = 0; t < steps; t++) {
            const at = ((before ? window.steps - steps : 0) + t) * window.lanes + lane;
            const logits = together.losses.slice(at * TOKENS, (at + 1) * TOKENS);
            assert.equal(logits, alone.losses.slice(t * TOKENS, (t + 1) * TOKENS), `logits of ${lane} at ${t}`);
            const row = together.weights.slice(at * window.source!.steps, (at + 1) * window.source!.steps);
            const from = before ? window.source!.steps - sourceSteps : 0;
            const looked = row.slice(from, from + sourceSteps);
            assert.equal(looked, alone.weights.slice(t * sourceSteps, (t + 1) * sourceSteps));
            assert.is(row.filter((weight) => weight !== 0).length, sourceSteps);
            assert.ok(Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-6);
          }
          for (const [key, { data }] of alone.found) {
            const before = sum.get(key);
            sum.set(key, before ? before.map((x, i) => x + data[i]!) : [...data]);
          }
        }
        const most = dtype === 'float64' ? 1e-12 : 1e-5;
        for (const [key, { data }] of together.found) {
          for (const [i, value] of data.entries()) {
            const expected = sum.get(key)![i]!;
            assert.ok(Math.abs(value - expected) < most, `${key}[${i}]: ${value}, alone ${expected}`);
          }
        }
      }
    });

    test(`${name}, ${dtype}: stepping from what encode gives has the window's logits and weights, to the bit`, () => {
      const model = make(form, { dtype });
      const window = batch(PAIRS);
      const { losses, weights } = learn(model, { ...window, mask: undefined });
      const { source, lanes } = window;
      let state = model.encode(source!.inputs, { lanes, mask: source!.mask! });
      const stepped: number[][] = [[], []];
      for (let t = 0; t < window.steps; t++) {
        const next = model.step((window.inputs as Int32Array).slice(t * lanes, (t + 1) * lanes), state);
        stepped[0]!.push(...next.output.data);
        stepped[1]!.push(...next.attention!.data);
        assert.equal(next.attention!.shape, [lanes, source!.steps]);
        state = next.state;
      }
      assert.equal(stepped, [losses, weights]);
    });
  }

  test(`${name}: workers give the same bits, the plain kernel the same numbers`, () => {
    const [plain, wasm, shared] = ([{ backend: 'plain' }, {}, { workers: 1 }] as const).map((options) => {
      using model = make(form, { dtype: 'float32', ...options });
      const run = trainer(model, { optimizer: adam({ learningRate: 0.05 }) });
      const { values } = collected(of(batch(PAIRS), batch(PAIRS, true)).pipe(run.learn));
      return { losses: values.map(({ loss }) => loss), bits: JSON.stringify(bits(model)) };
    });
    assert.ok(shared!.bits === wasm!.bits, 'the weights');
    assert.equal(shared!.losses, wasm!.losses);
    for (const [i, loss] of plain!.losses.entries())
      assert.ok(Math.abs(loss - wasm!.losses[i]!) < 1e-5, `${i}: ${loss}`);
  });
}

const FEW = FORMS.filter(([name]) => /^(additive, before|general, after|additive before each step, lstm)/.test(name));
for (const [name, form] of FEW) {
  test(`${name}: a run resumed after a step, and from a file, has the same bits`, () => {
    const windows = [batch(PAIRS), batch(PAIRS, true), batch([PAIRS[1]!]), batch(PAIRS)];
    const model = make(form);
    const states: TrainingState[] = [];
    const whole: Trainer = trainer(model, { optimizer: adam() });
    const { values } = collected(
      from(windows).pipe(
        whole.learn,
        tap(() => states.push(whole.state())),
      ),
    );
    const other = make(form);
    const second = trainer(other, { optimizer: adam(), resumeFrom: states[1] });
    assert.equal(collected(from(windows.slice(2)).pipe(second.learn)).values, values.slice(2));
    assert.ok(JSON.stringify(bits(other)) === JSON.stringify(bits(model)), 'the weights');

    const path = join(temporaryFolder(), 'model.safetensors');
    saveModel(path, model);
    const loaded = loadModel(path).model as Seq2seq;
    assert.equal(loaded.configuration, model.configuration);
    assert.equal(stateDict(loaded), stateDict(model));
    const source = Int32Array.of(2, 3, 4);
    const options = { start: START, end: END, maxTokens: 6 };
    assert.equal(greedyDecode(loaded, source, options), greedyDecode(model, source, options));
  });

  test(`${name}: greedy, sampled and beam decoding look at the source`, () => {
    const model = make(form);
    const [source, other] = [Int32Array.of(2, 3, 4), Int32Array.of(5, 5, 2, 3)];
    const options = { start: START, end: END, maxTokens: 6 };
    const [best] = beamSearch(model, source, { ...options, width: 1 });
    assert.equal(best!.tokens, greedyDecode(model, source, options));
    for (const { tokens, logProbability } of beamSearch(model, source, { ...options, width: 4 })) {
      const inputs = Int32Array.of(START, ...tokens.slice(0, -1));
      const steps = inputs.length;
      const window = {
        steps,
        lanes: 1,
        source: { steps: 3, inputs: source },
        inputs,
        targets: Int32Array.from(tokens),
      };
      const { loss, count } = first(of(window).pipe(unroll(model), crossEntropy({ reduction: 'sum' })));
      assert.ok(Math.abs(loss * count + logProbability) < 1e-12 * steps, `${loss * count} ${logProbability}`);
    }
    const drawn = (source: Int32Array): Token[] =>
      sampleDecode(model, source, seeded(2), { ...options, temperature: 2 });
    assert.equal(drawn(source), drawn(source));
    const logits = [source, other].map((source) => [...model.step(START, model.encode(source)).output.data]);
    assert.not.equal(logits[0], logits[1]);
  });
}

test('a long source, of which encode reads parts, gives the weights and logits of the window, to the bit', () => {
  const model = make({ score: 'additive', where: 'before' });
  const random = numpyRandom(4);
  for (const steps of [64, 65, 150]) {
    const inputs = new Int32Array(steps).map(() => random.integer(TOKENS));
    const window = {
      steps: 1,
      lanes: 1,
      source: { steps, inputs },
      inputs: Int32Array.of(0),
      targets: Int32Array.of(1),
    };
    const { losses, weights } = learn(model, window);
    const { output, attention } = model.step(0, model.encode(inputs));
    assert.equal([[...output.data], [...attention!.data]], [losses, weights], `${steps} steps`);
  }
});

test('dropout in the decoder is drawn step by step, and its gradients are right', () => {
  for (const where of ['before', 'after'] as const) {
    const model = make({ score: 'general', where, cell: 'two layers' });
    const dropout = (): Random => numpyRandom(1);
    gradientCheck(model, batch(PAIRS), crossEntropy, ({ loss }) => loss, undefined, dropout);
  }
});

test('features are read, too, with a gradient at the inputs of the decoder', () => {
  for (const where of ['before', 'after'] as const) {
    const model = make({ score: 'general', where, embedded: false });
    const [tokens, features] = [Int32Array.of(2, 4), new Float64Array(2 * TOKENS)];
    features[2] = features[TOKENS + 4] = 1;
    const tape = model.tape(3, 1);
    const source = { steps: 3, inputs: Int32Array.of(2, 3, 5) };
    tape.forward(tokens, 2, { source });
    const output = [...tape.output];
    tape.forward(features, 2, { source });
    assert.equal([...tape.output], output);
    tape.outputGradient.fill(1);
    tape.backward(undefined, { inputGradient: true });
    const given = tape.inputGradient().data.slice();
    const sum = (): number => {
      tape.forward(features, 2, { source });
      return Array.from(tape.output.subarray(0, 2 * TOKENS)).reduce((a, b) => a + b, 0);
    };
    const h = 1e-5;
    for (let i = 0; i < features.length; i++) {
      features[i]! += h;
      const above = sum();
      features[i]! -= 2 * h;
      const numeric = (above - sum()) / (2 * h);
      features[i]! += h;
      assert.ok(Math.abs(numeric - given[i]!) < 1e-8, `${where} ${i}: ${numeric} ${given[i]}`);
    }
  }
});

test('a lane with nothing to look at has weights and a context of zeros', () => {
  const model = make({ score: 'general', where: 'after' });
  const window = batch(PAIRS);
  const mask = window.source!.mask!.map((flag, at) => (at % 3 === 1 ? 0 : flag));
  const { losses, weights } = learn(model, { ...window, source: { ...window.source!, mask } });
  assert.ok(losses.every(Number.isFinite));
  assert.ok(weights.every((weight, at) => Math.floor(at / 5) % 3 !== 1 || weight === 0));
});

const general: AttentionOptions = { score: 'general', querySize: HIDDEN, keySize: HIDDEN };
const layers = layersOf({ score: 'general', where: 'after' });
const beforeEach = layersOf({ score: 'general', where: 'before' });
const bad: [string, () => unknown, RegExp][] = [
  ['an unknown score', () => attention({ ...general, score: 'dott' as never }), /attention: score must be .*dott/],
  [
    'no hidden units',
    () => attention({ ...general, score: 'concat' }),
    /attentionSize must be a number of hidden units/,
  ],
  ['hidden units without use', () => attention({ ...general, attentionSize: 2 }), /general has no hidden units/],
  ['biases without use', () => attention({ ...general, bias: true }), /general has no bias vectors/],
  ['unequal sizes', () => attention({ ...general, score: 'dot', keySize: 5 }), /dot needs queries as wide as keys/],
  [
    'a sequential',
    () => sequential({ look: attention(general) }),
    /sequential: look is an attention, which needs a seq2seq/,
  ],
  [
    'another layer',
    () => seq2seq({ ...layers, attention: layers.fc }),
    /attention must be what attention\(\{ … \}\) makes/,
  ],
  [
    'keys of another size',
    () => seq2seq({ ...layers, attention: attention({ ...general, keySize: 3 }) }),
    /attention takes keys of 3, the encoder gives 4/,
  ],
  [
    'queries of another size',
    () => seq2seq({ ...layers, attention: attention({ ...general, querySize: 3 }) }),
    /attention takes queries of 3, the decoder gives 4/,
  ],
  [
    'queries of another size, before each step',
    () => seq2seq({ ...beforeEach, attention: attention({ ...general, querySize: 3 }) }),
    /attention takes queries of 3, the decoder has a state of 4/,
  ],
  ['combine alone', () => seq2seq({ ...layers, attention: undefined }), /combine needs an attention/],
  [
    'no room for the context',
    () => seq2seq({ ...beforeEach, decoder: layers.decoder }),
    /seq2seq: decoder takes 3 features, decoderEmbedding and context give 7/,
  ],
  [
    'one-hot tokens without room for the context',
    () => seq2seq({ ...beforeEach, decoderEmbedding: undefined, decoder: gru({ inputSize: 4, hiddenSize: HIDDEN }) }),
    /the decoder takes 4 numbers, which must be more than the 4 of the context/,
  ],
  [
    'a mask for each step of the decoder',
    () => {
      const decoder = gru({ inputSize: 7, hiddenSize: HIDDEN, recurrentDropout: 0.5 });
      return seq2seq({ ...beforeEach, decoder });
    },
    /cannot have recurrentDropout/,
  ],
  [
    'a decoder of both directions',
    () => {
      const both = (inputSize: number): Layer => rnn({ inputSize, hiddenSize: 2, bidirectional: true });
      return seq2seq({ ...layers, encoder: both(3), decoder: both(3) });
    },
    /a decoder with an attention goes step by step and cannot be bidirectional/,
  ],
  [
    'a state without what is looked at',
    () => make({ score: 'dot', where: 'after' }).step(0, make({ score: 'dot', where: 'after' }).zeroState()),
    /seq2seq: the state has no attention.keys to look at; begin with model.encode\(source\)/,
  ],
  [
    'a state of another number of lanes',
    () => {
      const model = make({ score: 'dot', where: 'after' });
      const keys = model.encode(Int32Array.of(1, 2), { lanes: 2 }).get('attention.keys')!;
      return model.step(0, new Map([...model.encode(Int32Array.of(1)), ['attention.keys', keys]]));
    },
    /the state attention.keys must have shape \[source steps, 1, 4\], got \[1, 2, 4\]/,
  ],
  [
    'weights of a model that does not look',
    () => {
      const cell = (): Layer => gru({ inputSize: TOKENS, hiddenSize: 2 });
      const model = seq2seq({ encoder: cell(), decoder: cell(), fc: linear({ inputSize: 2, outputSize: TOKENS }) });
      const failed: Error[] = [];
      of(batch(PAIRS))
        .pipe(unroll(model), map(attentionWeights))
        .subscribe({ error: (error: Error) => failed.push(error) });
      throw failed[0]!;
    },
    /attentionWeights: the model, a seq2seq, has no attention/,
  ],
];
for (const [name, call, message] of bad) test(`refused: ${name}`, () => assert.throws(call, message));

test.run();
