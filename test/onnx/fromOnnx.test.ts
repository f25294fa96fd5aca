import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { gru } from '../../src/layer/gru.js';
import { rnn } from '../../src/layer/rnn.js';
import type { Layer } from '../../src/layer/layer.js';
import { sequential } from '../../src/model/sequential.js';
import { seq2seq } from '../../src/model/seq2seq.js';
import { decodeModel } from '../../src/onnx/decodeModel.js';
import { encodeModel } from '../../src/onnx/encodeModel.js';
import { fromOnnx } from '../../src/onnx/fromOnnx.js';
import { END, graphBuilder } from '../../src/onnx/graphBuilder.js';
import { OnnxError } from '../../src/onnx/OnnxError.js';
import type { OnnxValue } from '../../src/onnx/onnxModel.js';
import { toOnnx } from '../../src/onnx/toOnnx.js';
import { seeded } from '../../src/random/seeded.js';
import { steers } from '../check/hostile.js';
import { torchLike } from './torchLike.js';
import { apart, CASES, drawWindow, modelOf, type Numbers, runModel, runOnnx } from './runs.js';

/** Kinds that come back; the others have no operator of their own. */
const READ = new Set([
  'rnn',
  'lstm',
  'gru',
  'rnnCell',
  'lstmCell',
  'gruCell',
  'linear',
  'embedding',
  'activation',
  'dropout',
]);

for (const [name, it] of Object.entries(CASES)) {
  const kinds = Object.values(it.layers).map(({ kind }) => kind);
  if (it.options || !kinds.every((kind) => READ.has(kind)) || /identity|^dropout|layer norm/.test(name)) continue;
  if (kinds[0] === 'activation') continue; // nothing says how wide it is
  test(`${name}: a model that was written gives the same numbers`, () => {
    const model = modelOf(it);
    const back = fromOnnx(toOnnx(model, it.inputs && { inputs: it.inputs }));
    const window = drawWindow(model, it, 6, 3);
    assert.ok(apart(only(runModel(model, window, 6, 3)), only(runModel(back, layered(back, window), 6, 3))) < 1e-6);
    assert.is(back.inputSize, model.inputSize);
  });
}

/** The output alone: a stack of layers has other names of states. */
function only({ output }: Numbers): Numbers {
  return { output: output! };
}

/** The states of a stack, `lstm.h` of 2 × lanes × hidden, cut for `lstm` and `lstm_2`. */
function layered(model: ReturnType<typeof fromOnnx>, { input, ...state }: Numbers): Numbers {
  const places: Record<string, number> = {};
  const cut = [...model.zeroState(3)].map(([name, { data }]) => {
    const key = name.replace(/_\d+\./, '.');
    const at = places[key] ?? 0;
    places[key] = at + data.length;
    return [name, (state[key] as Float32Array).slice(at, at + data.length)];
  });
  return { input: input!, ...(Object.fromEntries(cut) as Numbers) };
}

test('dropout and activations between layers come back', () => {
  const { dropout } = CASES['dropout']!.layers as { dropout: Layer };
  const { activation } = CASES['activation, softmax']!.layers as { activation: Layer };
  const model = sequential({ fc: linear({ inputSize: 2, outputSize: 5 }), dropout, activation });
  const back = fromOnnx(toOnnx(model));
  assert.equal(
    [...back.layers].map(([name, { kind, options }]) => [name, kind, options['rate'] ?? options['nonlinearity']]),
    [
      ['fc', 'linear', undefined],
      ['dropout', 'dropout', 0.5],
      ['activation', 'activation', 'softmax'],
    ],
  );
});

test('a file like those of torch is read, and gives what onnxruntime gives', async () => {
  const bytes = torchLike();
  const model = fromOnnx(bytes);
  assert.equal(
    [...model.layers].map(([name, { kind }]) => `${name} ${kind}`),
    ['embedding embedding', 'gru gru', 'linear linear', 'activation activation'],
  );
  const [steps, lanes] = [5, 2];
  const input = Int32Array.from({ length: steps * lanes }, (_, i) => i % 7); // steps first
  const turned = Int32Array.from(
    { length: steps * lanes },
    (_, i) => input[(i % steps) * lanes + Math.floor(i / steps)]!,
  );
  const there = await runOnnx(bytes, model, { input: turned }, lanes, steps);
  const here = runModel(model, { input, 'gru.h': new Float32Array(lanes * 4) }, steps, lanes)['output']!;
  const lanesFirst = Float32Array.from(here, (_, i) => {
    const [lane, t, o] = [Math.floor(i / (steps * 3)), Math.floor(i / 3) % steps, i % 3];
    return here[(t * lanes + lane) * 3 + o]!;
  });
  assert.ok(apart({ output: lanesFirst }, only(there)) < 1e-5);
});

for (const [what, bytes, message] of [
  ['a reset gate before the product', () => torchLike({ lbr: 0 }), /GRU.*linear_before_reset must be 1/],
  [
    'an initial state that is not zeros',
    () => torchLike({ state: 1 }),
    /GRU.*the initial state must be an input of the graph, or z/,
  ],
  ['a graph that branches', () => torchLike({ twice: true }), /is read by 2 operators; only a chain can be read/],
  ['no bytes', () => new Uint8Array(), /this is not a file of ONNX: it has no version and no graph$/],
  ['text', () => new TextEncoder().encode('{"format": "pt"}'), /, at byte \d+$/],
  ['minGru', () => toOnnx(modelOf(CASES['minGru']!)), /cannot be read|must be a constant|is read by 2/],
  ['a number that is not finite', () => toOnnx(broken()), /"?fc\.weight"? has a number that is not finite as float32/],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => fromOnnx(bytes()),
      (error: unknown) =>
        error instanceof OnnxError && message.test(error.message) && error.message.startsWith('fromOnnx: '),
    );
  });
}

function broken() {
  const model = sequential({ fc: linear({ inputSize: 2, outputSize: 2 }) });
  model.weights.tensors.get('fc.weight')!.data[1] = NaN;
  return model;
}

test('every truncation, and thousands of changed bytes, are refused by an OnnxError or read', () => {
  const bytes = toOnnx(
    sequential({ lstm: lstm({ inputSize: 2, hiddenSize: 2 }), fc: linear({ inputSize: 2, outputSize: 2 }) }),
  );
  const refuse = (changed: Uint8Array): boolean => {
    try {
      fromOnnx(changed).dispose();
      return false;
    } catch (error) {
      if (error instanceof OnnxError) return true;
      throw error;
    }
  };
  for (let length = 0; length < bytes.length; length += 7) refuse(bytes.slice(0, length));
  const random = seeded(5);
  let refused = 0;
  for (let i = 0; i < 500; i++) {
    const changed = bytes.slice();
    changed[random.integer(bytes.length)] = random.integer(256);
    if (refuse(changed)) refused += 1;
  }
  assert.ok(refused > 100, `${refused} refused`);
});

test('sizes that a file only claims take no memory', () => {
  const claim = (dims: readonly number[]): Uint8Array =>
    graphOf((b) => b.add('MatMul', ['input', b.numbers(dims, [1])]));
  for (const dims of [[1e9, 1e9], [2 ** 40], [-1], Array.from({ length: 9 }, () => 1)]) {
    assert.throws(
      () => fromOnnx(claim(dims)),
      (error: unknown) => error instanceof OnnxError,
    );
  }
  const long = Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f);
  assert.throws(() => fromOnnx(long), /a field of \d+ bytes is longer than what is left of the file, at byte 0/);
});

/** A graph with one input, whose operators the function adds; it gives what comes out. */
function graphOf(operators: (b: ReturnType<typeof graphBuilder>) => string): Uint8Array {
  const b = graphBuilder();
  b.output('output', operators(b));
  const value = (name: string): OnnxValue => ({ name, type: 'float', dims: [] });
  return encodeModel(b.finish([value('input')], [value('output')]), {});
}

test('constants that many layers share are read, but not so often that a small file asks for much', () => {
  const shared = (layers: number): Uint8Array =>
    graphOf((b) => {
      const weight = b.numbers([100, 100], new Float32Array(10_000));
      let x = 'input';
      for (let i = 0; i < layers; i++) x = b.add('MatMul', [x, weight]);
      return x;
    });
  assert.is(fromOnnx(shared(4)).layers.size, 4);
  assert.throws(
    () => fromOnnx(shared(900)),
    /^fromOnnx: the layers share constants so often that they have 50000 numbers and more, of 10000 in the file; at most 4/,
  );
});

/** A file of a graph of these fields, each a number and bytes, and of fields beside the graph. */
function fileOf(graph: readonly Uint8Array[], beside: readonly Uint8Array[] = []): Uint8Array {
  return Buffer.concat([Uint8Array.of(8, 8), part(7, ...graph), ...beside]);
}

/** A field of protocol buffers that has bytes. */
function part(field: number, ...bytes: readonly Uint8Array[]): Uint8Array {
  const all = Buffer.concat(bytes);
  const length: number[] = [];
  let left = all.length;
  for (; left > 127; left = Math.floor(left / 128)) length.push((left % 128) + 128);
  return Buffer.concat([Uint8Array.of(field * 8 + 2, ...length, left), all]);
}

test('what a file has twice is refused', () => {
  const text = (field: number, value: string): Uint8Array => part(field, Buffer.from(value));
  const constant = part(5, Uint8Array.of(8, 1, 16, 1), text(8, 'w'), part(9, new Uint8Array(4)));
  const node = part(1, text(2, 'w'), text(4, 'Identity'));
  const note = part(14, text(1, 'author'), text(2, 'me'));
  for (const [bytes, message] of [
    [fileOf([constant, constant]), /^fromOnnx: two constants have the name w$/],
    [fileOf([node, node]), /^fromOnnx: two nodes give w$/],
    [fileOf([constant, node]), /^fromOnnx: w is a constant, and a node gives it, too$/],
    [fileOf([], [note, note]), /^fromOnnx: a text author occurs twice, at byte \d+$/],
  ] as const) {
    assert.throws(
      () => fromOnnx(bytes),
      (error: unknown) => error instanceof OnnxError && message.test(error.message),
    );
  }
});

test('more than 200,000 fields and packed integers are refused wherever they are, known or not', () => {
  const many = (n: number): Uint8Array => Buffer.concat(Array.from({ length: n }, () => Uint8Array.of(0x98, 1, 1)));
  const unknown = (n: number): Uint8Array => part(1, part(5, many(n)));
  const packed = (name: string): Uint8Array =>
    part(5, Uint8Array.of(8, 100, 8, 100, 8, 10, 16, 7), part(7, new Uint8Array(100_000)), part(8, Buffer.from(name)));
  for (const bytes of [
    fileOf([many(200_001)]),
    fileOf([unknown(100_000), unknown(100_001)]),
    fileOf([packed('a'), packed('b')]),
  ]) {
    assert.throws(
      () => fromOnnx(bytes),
      /^fromOnnx: a file has at most 200000 fields and packed integers; numbers belong into raw_data, at/,
    );
  }
  for (const bytes of [fileOf([unknown(100_000)]), fileOf([packed('a')])]) {
    assert.throws(() => fromOnnx(bytes), /the graph has no input or no output/);
  }
});

test('packed integers of any length are read', () => {
  const sizes = [0, 1, 127, 128, 300, 2 ** 21, 2 ** 28 + 5, 2 ** 35 - 1, 2 ** 49 + 3, 2 ** 52 + 1, -1, -(2 ** 40)];
  const packed = (value: number): number[] => {
    const bytes: number[] = [];
    let left = BigInt.asUintN(64, BigInt(value));
    for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) + 128);
    return [...bytes, Number(left)];
  };
  const data = part(7, Uint8Array.from(sizes.flatMap(packed)));
  const constant = part(5, Uint8Array.of(8, sizes.length, 16, 7), part(8, Buffer.from('c')), data);
  assert.equal(decodeModel(fileOf([constant])).constants[0]!.data, sizes);
});

test('what a file says of its parts is refused by an OnnxError, safe for a terminal', () => {
  const recurrent = (operator: string, attributes: Readonly<Record<string, never>>): Uint8Array =>
    graphOf((b) => {
      const weights = [b.numbers([1, 1, 2], [1, 1]), b.numbers([1, 1, 1], [1])];
      return b.add('Squeeze', [b.addAll(operator, ['input', ...weights], 2, attributes)[0]!, b.integers(1)]);
    });
  const affine = (b: ReturnType<typeof graphBuilder>): string =>
    b.add('MatMul', ['input', b.numbers([2, 2], [1, 2, 3, 4])]);
  for (const [bytes, message] of [
    [recurrent('RNN', { activations: ['constructor'] as never }), /activations must be Tanh, Relu or Sigmoid/],
    [recurrent('RNN', { activations: ['__proto__'] as never }), /activations must be Tanh, Relu or Sigmoid/],
    [recurrent('RNN', { direction: '\u001b[31mred' as never }), /got "\\u001b\[31mred"$/],
    [recurrent('\u001b]0;x\u0007', {}), /operator \\u001b\]0;x\\u0007/],
    [
      graphOf((b) => b.add('Dropout', [affine(b), b.numbers([], [7])])),
      /Dropout.*: the ratio must be in \[0, 1\], got 7$/,
    ],
    [graphOf((b) => b.add('Dropout', [affine(b), b.numbers([], [NaN])])), /the ratio must be in \[0, 1\], got NaN$/],
    [graphOf((b) => b.add('MatMul', ['input', 'gone'])), /gone must be a constant$/],
  ] as const) {
    assert.throws(
      () => fromOnnx(bytes),
      (error: unknown) => error instanceof OnnxError && message.test(error.message) && !steers(error.message),
    );
  }
});

test('toOnnx refuses what it cannot write, by name', () => {
  const cell = { inputSize: 2, hiddenSize: 2 };
  const own: Layer = { ...linear({ inputSize: 2, outputSize: 2 }), kind: 'own' };
  assert.throws(
    () => toOnnx(sequential({ mine: own })),
    /^toOnnx: layer mine is of kind own, which cannot be written; there are/,
  );
  const translator = seq2seq({ encoder: gru(cell), decoder: gru(cell), fc: linear({ inputSize: 2, outputSize: 2 }) });
  assert.throws(() => toOnnx(translator), /^toOnnx: only a sequential can be written, got a seq2seq$/);
  assert.throws(
    () => toOnnx(modelOf(CASES['dropout']!), { inputs: 'tokens' }),
    /^toOnnx: layer dropout takes features, but inputs is "tokens"$/,
  );
  assert.throws(() => toOnnx(sequential({ rnn: rnn(cell) }), { input: 'tokens' } as never), /did you mean inputs\?/);
  assert.ok(END > 2 ** 30);
});

test.run();
