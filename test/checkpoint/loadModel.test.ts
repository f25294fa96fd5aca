import * as fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../src/checkpoint/loadModel.js';
import { readSafetensors } from '../../src/format/readSafetensors.js';
import { readTensors } from '../../src/checkpoint/readTensors.js';
import { safetensors } from '../../src/format/safetensors.js';
import { SafetensorsError } from '../../src/format/SafetensorsError.js';
import { saveModel } from '../../src/checkpoint/saveModel.js';
import { activation } from '../../src/layer/activation.js';
import { embedding } from '../../src/layer/embedding.js';
import { gru } from '../../src/layer/gru.js';
import { gruCell } from '../../src/layer/gruCell.js';
import type { Layer } from '../../src/layer/layer.js';
import { linear, type LinearOptions } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { lstmCell } from '../../src/layer/lstmCell.js';
import { rnn } from '../../src/layer/rnn.js';
import { rnnCell } from '../../src/layer/rnnCell.js';
import { buildLayers, buildModel } from '../../src/model/buildModel.js';
import { loadStateDict } from '../../src/model/loadStateDict.js';
import type { Model } from '../../src/model/model.js';
import { seq2seq, type Seq2seq } from '../../src/model/seq2seq.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { seeded } from '../../src/random/seeded.js';
import { vocabularyOf } from '../../src/token/vocabularyOf.js';
import { LARGE } from '../support/large.js';
import { processorTime } from '../support/processorTime.js';
import { bytesOf } from './files.js';

const test = suite<{ folder: string; path: string }>('loadModel');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'rxrnn-load-'));
  context.path = join(context.folder, 'model.safetensors');
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const dtypes = ['float32', 'float64'] as const;
const sizes = { inputSize: 5, hiddenSize: 4 };

for (const [what, layers] of [
  ['rnn', { rnn: rnn({ ...sizes, nonlinearity: 'relu' }), linear: linear({ inputSize: 4, outputSize: 5 }) }],
  ['no biases', { a: rnn({ ...sizes, bias: false }), b: linear({ inputSize: 4, outputSize: 2, bias: false }) }],
  [
    'embedding and activation',
    {
      'é"': embedding({ inputSize: 5, outputSize: 3 }),
      l: linear({ inputSize: 3, outputSize: 1 }),
      f: activation({ size: 1, nonlinearity: 'sigmoid' }),
    },
  ],
  ['an embedding with padding', { e: embedding({ inputSize: 5, outputSize: 3, paddingIndex: 2 }) }],
  ['lstm', { lstm: lstm({ ...sizes, numLayers: 2, dropout: 0.5 }), linear: linear({ inputSize: 4, outputSize: 5 }) }],
  ['gru', { gru: gru({ ...sizes, bidirectional: true }), linear: linear({ inputSize: 8, outputSize: 5 }) }],
  [
    'cells',
    { a: rnnCell(sizes), b: lstmCell({ inputSize: 4, hiddenSize: 3 }), c: gruCell({ inputSize: 3, hiddenSize: 2 }) },
  ],
] as [string, Record<string, Layer>][]) {
  for (const dtype of dtypes) {
    test(`${what}, ${dtype}: save, load, save gives the same bytes, and the logits are the same bits`, ({ path }) => {
      const model = sequential(layers, { dtype, random: seeded(7) });
      saveModel(path, model);
      const file = readFileSync(path);
      const loaded = loadModel(path);
      assert.equal(Object.keys(loaded), ['model']);
      assert.is(loaded.model.dtype, dtype);
      assert.equal(loaded.model.configuration, model.configuration);
      assert.equal(logits(loaded.model), logits(model));
      saveModel(path, loaded.model);
      assert.is(Buffer.compare(readFileSync(path), file), 0);
    });
  }
}

test('any weights that are finite come back to the bit', ({ path }) => {
  const layers = { rnn: rnn({ inputSize: 2, hiddenSize: 1 }) };
  const number = (dtype: string): fc.Arbitrary<number> =>
    dtype === 'float32'
      ? fc.float({ noNaN: true, noDefaultInfinity: true })
      : fc.double({ noNaN: true, noDefaultInfinity: true });
  for (const dtype of dtypes) {
    fc.assert(
      fc.property(fc.array(number(dtype), { minLength: 5, maxLength: 5 }), (numbers) => {
        const model = sequential(layers, { dtype });
        model.weights.learned.set(numbers);
        saveModel(path, model);
        assert.equal(bytesOf(loadModel(path).model.weights.learned), bytesOf(model.weights.learned));
      }),
      { numRuns: 30 },
    );
  }
});

test('vocabulary and provenance come back, and are saved to the same bytes', ({ path }) => {
  const model = sequential({ linear: linear({ inputSize: 6, outputSize: 1 }) });
  const vocabulary = vocabularyOf(['<unk>', 'a', '', '👩‍👧', '__proto__', '\ud800'], { unknown: '<unk>' });
  const provenance = { data: 'dinos.txt', seed: 1, loss: 0.1, more: { list: [1, null, true], 9: 'x', 10: 'y' } };
  saveModel(path, model, { vocabulary, provenance });
  const file = readFileSync(path);
  const loaded = loadModel(path);
  assert.equal(loaded.vocabulary!.symbols, vocabulary.symbols);
  assert.equal(loaded.provenance, provenance);
  saveModel(path, loaded.model, { vocabulary: loaded.vocabulary!, provenance: loaded.provenance! });
  assert.is(Buffer.compare(readFileSync(path), file), 0);
});

test('an encoder–decoder and frozen parameters come back', ({ path }) => {
  const layer = () => lstm({ inputSize: 5, hiddenSize: 3 });
  const fc = linear({ inputSize: 3, outputSize: 5 });
  const model = seq2seq({ encoder: layer(), decoder: layer(), fc }, { frozen: ['fc.bias'] });
  saveModel(path, model);
  const file = readFileSync(path);
  const loaded = loadModel(path).model as Seq2seq;
  assert.equal([...loaded.frozen], ['fc.bias']);
  const source = Int32Array.of(1, 4, 3);
  assert.equal(loaded.step(2, loaded.encode(source)).output, model.step(2, model.encode(source)).output);
  saveModel(path, loaded);
  assert.is(Buffer.compare(readFileSync(path), file), 0);
});

for (const [what, provenance, message] of [
  ['NaN', { loss: NaN }, 'provenance must be JSON, got NaN as "loss"'],
  ['a function', { now: Date.now }, 'provenance must be JSON, got function now as "now"'],
] as const) {
  test(`a provenance with ${what}, which JSON would lose, is refused before the file is touched`, ({
    folder,
    path,
  }) => {
    const model = sequential({ linear: linear({ inputSize: 1, outputSize: 1 }) });
    assert.throws(
      () => saveModel(path, model, { provenance }),
      (error: Error) => error.message.includes(message),
    );
    assert.equal(readdirSync(folder), []);
  });
}

test('every truncation of a model file is refused, and every flipped bit of its header, or the model is the same', ({
  path,
}) => {
  // A cell, since a flipped bit may turn a dropout of 0 into one of 1, and no weight would tell.
  const model = sequential({ rnn: rnnCell({ inputSize: 2, hiddenSize: 2 }) });
  saveModel(path, model, { vocabulary: vocabularyOf(['a', 'b']), provenance: { seed: 1 } });
  const file = readFileSync(path);
  const end = 8 + Number(file.readBigUInt64LE(0));
  for (let length = 0; length < file.length; length += 7) {
    writeFileSync(path, file.subarray(0, length));
    assert.instance(caught(() => loadModel(path)).cause, SafetensorsError);
  }
  let accepted = 0;
  for (let bit = 0; bit < end * 8; bit++) {
    file[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(path, file);
    file[bit >> 3]! ^= 1 << (bit & 7);
    let loaded: ReturnType<typeof loadModel>;
    try {
      loaded = loadModel(path);
    } catch (error) {
      assert.match((error as Error).message, `loadModel: ${path} could not be loaded: `);
      continue;
    }
    accepted++;
    assert.equal(stateDict(loaded.model), stateDict(model), `bit ${bit}`);
    assert.equal(loaded.model.configuration, model.configuration);
  }
  assert.ok(accepted > 0 && accepted < 200, `${accepted} accepted`);
});

const valid = {
  format: 'rxrnn',
  version: '1',
  configuration: JSON.stringify({
    kind: 'sequential',
    dtype: 'float32',
    layers: [{ name: 'l', kind: 'linear', inputSize: 1, outputSize: 1, bias: false }],
  }),
};
const linearOf = (options: object, more: object = {}): string =>
  JSON.stringify({
    kind: 'sequential',
    dtype: 'float32',
    layers: [{ name: 'l', kind: 'linear', ...options }],
    ...more,
  });
const good = { inputSize: 1, outputSize: 1, bias: false };

for (const [what, change, message] of [
  ['another format', { format: 'pt' }, 'format must be rxrnn, got "pt"; readTensors reads'],
  ['a long format', { format: 'f'.repeat(60) }, `format must be rxrnn, got "${'f'.repeat(60)}"; readTensors`],
  ['a longer format', { format: 'f'.repeat(61) }, `format must be rxrnn, got "${'f'.repeat(60)}…"; readTensors`],
  ['another version', { version: '2' }, 'version must be 1, got "2"'],
  ['an unknown text', { author: 'me' }, 'the metadata has an unknown text "author"'],
  ['a configuration that is not JSON', { configuration: '{' }, 'JSON'],
  ['a configuration that is a list', { configuration: '[]' }, 'configuration must be an object, got []'],
  ['a configuration that is null', { configuration: 'null' }, 'configuration must be an object, got null'],
  ['another kind', { configuration: '{"kind":"x"}' }, 'configuration.kind must be sequential or seq2seq, got "x"'],
  [
    'no dtype',
    { configuration: '{"kind":"sequential"}' },
    'configuration.dtype must be float32 or float64, got nothing',
  ],
  [
    'no layers',
    { configuration: linearOf(good, { layers: undefined }) },
    'configuration.layers must be a list, got nothing',
  ],
  ['an empty list of layers', { configuration: linearOf(good, { layers: [] }) }, 'needs at least one layer'],
  ['an unknown member', { configuration: linearOf(good, { extra: 1 }) }, 'configuration has an unknown member "extra"'],
  ['__proto__', { configuration: '{"__proto__":{}}' }, 'configuration must not have a member __proto__'],
  [
    'a member twice',
    { configuration: linearOf(good).replace('"dtype":"float32"', '$&,"dtype":"float64"') },
    'configuration must have each member once, got "dtype" twice',
  ],
  [
    'an option of a layer twice',
    { configuration: linearOf(good).replace('"kind":"linear"', '$&,"kind":"linear"') },
    'configuration must have each member once, got "kind" twice',
  ],
  ['a member of the provenance twice', { provenance: '{"a":1,"a":2}' }, 'provenance must have each member once'],
  [
    'a layer that is a number',
    { configuration: linearOf(good, { layers: [1] }) },
    'configuration.layers[0] must be an object, got 1',
  ],
  [
    'an unknown kind of layer',
    { configuration: linearOf({ ...good, kind: 'constructor' }) },
    'layers[0].kind must be one of',
  ],
  [
    'a name that is a number',
    { configuration: linearOf({ ...good, name: 1 }) },
    'layers[0].name must be a text, got 1',
  ],
  [
    'an unknown option',
    { configuration: linearOf({ ...good, x: 1 }) },
    'linear: unknown option x; there are inputSize, outputSize, bias',
  ],
  [
    'an option of another layer',
    { configuration: linearOf({ ...good, dropout: 0.5 }) },
    'linear: unknown option dropout; there are inputSize, outputSize, bias',
  ],
  [
    'no size',
    { configuration: linearOf({ inputSize: 1 }) },
    'linear: outputSize must be a positive integer, got undefined',
  ],
  [
    'a size in quotes',
    { configuration: linearOf({ ...good, inputSize: '1' }) },
    'linear: inputSize must be a positive integer, got "1"',
  ],
  [
    'a bias that is a number',
    { configuration: linearOf({ ...good, bias: 0 }) },
    'linear: bias must be true or false, got 0',
  ],
  [
    'an option that is not a scalar',
    { configuration: linearOf({ ...good, inputSize: [1] }) },
    'layers[0].inputSize must be a text, a finite number, true or false, got [1]',
  ],
  [
    'an option that is not a number of JSON',
    { configuration: linearOf(good).replace('"inputSize":1', '"inputSize":1e999') },
    'configuration must have numbers below 1.8e308, got "1e999"',
  ],
  [
    'a name that a terminal obeys',
    { configuration: linearOf({ ...good, name: '\u001b[2J' }) },
    '\\u001b[2J.weight must have shape [1, 1], got none',
  ],
  [
    'more layers on one another than the file has tensors',
    { configuration: linearOf({ kind: 'rnn', inputSize: 1, hiddenSize: 1, numLayers: 2 ** 53 }) },
    'layers[0].numLayers must be at most the number of tensors, 1, got 9007199254740992',
  ],
  [
    'frozen parameters that are not names',
    { configuration: linearOf(good, { frozen: [1] }) },
    'configuration.frozen[0] must be a text, got 1',
  ],
  [
    'an encoder–decoder of one layer',
    { configuration: linearOf(good, { kind: 'seq2seq' }) },
    'the layers must be encoder, decoder and fc, got l',
  ],
  [
    'a size that is too large for any memory',
    { configuration: linearOf({ ...good, inputSize: 2e9, outputSize: 2e9 }) },
    'l.weight must have shape [2000000000, 2000000000], got [1, 1]',
  ],
  [
    'a size that is not that of the weights',
    { configuration: linearOf({ ...good, inputSize: 2 }) },
    'l.weight must have shape [1, 2], got [1, 1]',
  ],
  [
    'a bias that is not among the weights',
    { configuration: linearOf({ ...good, bias: true }) },
    'l.bias must have shape [1], got none',
  ],
  [
    'a name that is not among the weights',
    { configuration: linearOf({ ...good, name: 'm' }) },
    'm.weight must have shape [1, 1], got none',
  ],
  [
    'a layer twice',
    {
      configuration: linearOf(good, {
        layers: [
          { name: 'l', kind: 'linear', ...good },
          { name: 'l', kind: 'linear', ...good },
        ],
      }),
    },
    'two layers have the name "l"',
  ],
  ['an empty vocabulary', { vocabulary: '[]' }, 'a vocabulary needs at least one symbol, got none'],
  ['a vocabulary that is a text', { vocabulary: '"ab"' }, 'expected an array of symbols, got "ab"'],
  ['a symbol that is a number', { vocabulary: '[1]' }, 'symbol 0 must be a string, got 1'],
  [
    'more symbols than the model has inputs',
    { vocabulary: '["a","b"]' },
    'vocabulary must have at most as many symbols as the model has inputs or outputs, 1',
  ],
  [
    'a long vocabulary before it is parsed',
    { vocabulary: '["a","a",' },
    'vocabulary must have at most as many symbols',
  ],
  [
    'more columns than the model has inputs',
    { scaling: '{"centre":[0,0],"spread":[1,1]}' },
    'scaling must have at most as many columns as the model has inputs or outputs, 1',
  ],
  ['an unknown symbol that is none', { vocabulary: '["a"]', unknown: '"b"' }, 'unknown must be one of the symbols'],
  ['an unknown symbol without vocabulary', { unknown: '"b"' }, 'unknown needs a vocabulary'],
  ['a provenance that is a list', { provenance: '[]' }, 'provenance must be an object'],
  [
    'a provenance with __proto__',
    { provenance: '{"a":{"__proto__":1}}' },
    'provenance must not have a member __proto__',
  ],
] as const) {
  test(`refuses ${what}`, ({ path }) => {
    const tensors = new Map([['l.weight', { shape: [1, 1], data: Float32Array.of(1) }]]);
    writeFileSync(path, safetensors(tensors, valid));
    assert.equal([...loadModel(path).model.weights.learned], [1]);
    writeFileSync(path, safetensors(tensors, { ...valid, ...change }));
    const error = caught(() => loadModel(path));
    assert.match(error.message, `loadModel: ${path} could not be loaded: `);
    assert.match(error.message, message);
  });
}

test('refuses a file without metadata, a parameter too many and weights that are not finite', ({ path }) => {
  const one = { shape: [1, 1], data: Float32Array.of(1) };
  const refused = (
    tensors: [string, { shape: number[]; data: Float32Array | Float64Array }][],
    texts: Record<string, string>,
  ): string => {
    writeFileSync(path, safetensors(new Map(tensors), texts));
    return caught(() => loadModel(path)).message;
  };
  assert.match(refused([['l.weight', one]], {}), 'format must be rxrnn, got none; readTensors reads');
  assert.match(
    refused(
      [
        ['l.weight', one],
        ['x', one],
      ],
      valid,
    ),
    'the model has no x',
  );
  assert.match(
    refused([['l.weight', { ...one, data: Float32Array.of(NaN) }]], valid),
    'tensor "l.weight" is not finite',
  );
  assert.match(
    refused([['l.weight', { ...one, data: Float64Array.of(1e300) }]], valid),
    'l.weight is not finite as float32',
  );
  assert.match(
    refused([['l.weight', { shape: [1, 2], data: Float64Array.of(1, 1e300) }]], {
      ...valid,
      configuration: linearOf({ ...good, inputSize: 2 }),
    }),
    'l.weight is not finite as float32',
  );
});

test('weights too large for the model are refused before any layer is made', ({ path }) => {
  let made = 0;
  const mine = (options: LinearOptions): Layer => {
    made++;
    return { ...linear(options), kind: 'mine' };
  };
  const load = (weight: number): unknown => {
    const layers = [{ name: 'l', kind: 'mine', ...good }];
    const tensors = new Map([['l.weight', { shape: [1, 1], data: Float64Array.of(weight) }]]);
    writeFileSync(path, safetensors(tensors, { ...valid, configuration: linearOf(good, { layers }) }));
    return loadModel(path, { layers: { mine } });
  };
  assert.match(caught(() => load(1e300)).message, 'l.weight is not finite as float32');
  assert.is(made, 0);
  load(1e30);
  assert.is(made, 1);
});

test('refuses thousands of layers that the file has no numbers for, at once', ({ path }) => {
  const tensors = new Map([['l.weight', { shape: [1, 1], data: Float32Array.of(1) }]]);
  const rnns = (count: number, numLayers: number): object[] =>
    Array.from({ length: count }, (_, i) => ({ name: `r${i}`, kind: 'rnn', inputSize: 1, hiddenSize: 1, numLayers }));
  const activation = { kind: 'activation', size: 1, nonlinearity: 'tanh' };
  const activations = Array.from({ length: 3000 }, (_, i) => ({ name: `a${i}`, ...activation }));
  for (const layers of [rnns(100, 1000), rnns(100, 1), [{ name: 'l', kind: 'linear', ...good }, ...activations]]) {
    writeFileSync(path, safetensors(tensors, { ...valid, configuration: linearOf(good, { layers }) }));
    const started = processorTime();
    if (layers.length > 3000) assert.is(loadModel(path).model.outputSize, 1);
    else
      assert.match(caught(() => loadModel(path)).message, /numLayers must be at most|r0.weight_ih_l0 must have shape/);
    assert.ok(processorTime() - started < 2000, `${layers.length} layers`);
  }
});

test('refuses a path with nothing at it, with the cause', ({ path }) => {
  for (const read of [loadModel, readTensors]) {
    const error = caught(() => read(path));
    assert.match(error.message, `${read.name}: ${path} could not be `);
    assert.is((error.cause as NodeJS.ErrnoException).code, 'ENOENT');
  }
});

test('readTensors gives what any program wrote, for loadStateDict', ({ path }) => {
  const model = small();
  const weights = stateDict(model);
  writeFileSync(path, safetensors(weights, { format: 'pt' }));
  const other = sequential({ rnn: rnn({ inputSize: 2, hiddenSize: 2 }) }, { random: seeded(99) });
  loadStateDict(other, readTensors(path));
  assert.equal(stateDict(other), weights);
  writeFileSync(path, 'nothing');
  assert.instance(caught(() => readTensors(path)).cause, SafetensorsError);
});

test('a model of weights that are not finite is not written', ({ path }) => {
  const model = small();
  model.weights.learned[0] = NaN;
  assert.throws(() => saveModel(path, model), /rnn.weight_ih_l0 is not finite/);
  assert.throws(() => readFileSync(path), /ENOENT/);
});

test('any configuration is built or refused by a TypeError or a RangeError', () => {
  const tensors = stateDict(small());
  const scalar = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom('sequential', 'rnn', 'lstm', 'activation', 'float32', 2, 1e9, true),
  );
  const layer = fc.record(
    {
      name: fc.constantFrom('rnn', 'a'),
      kind: fc.constantFrom('rnn', 'lstm', 'gru', 'linear', 'embedding', 'activation', 'gruCell'),
      inputSize: fc.constantFrom(2, 1e9),
      hiddenSize: scalar,
      size: scalar,
      numLayers: scalar,
      bias: scalar,
      nonlinearity: scalar,
      x: scalar,
    },
    { requiredKeys: [] },
  );
  const configuration = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        kind: fc.constant('sequential'),
        dtype: fc.constant('float32'),
        layers: fc.array(fc.oneof(layer, scalar)),
        x: scalar,
      },
      { requiredKeys: ['kind', 'dtype', 'layers'] },
    ),
    layer.map((layer) => ({ kind: 'sequential', dtype: 'float64', layers: [layer] })),
  );
  fc.assert(
    fc.property(configuration, (configuration) => {
      try {
        buildModel(buildLayers(configuration, tensors), tensors);
      } catch (error) {
        assert.ok(error instanceof TypeError || error instanceof RangeError);
        assert.match(error.message, /^[a-zA-Z]+: /);
        assert.not.match(error.message, /undefined \(|is not a function|Cannot read/);
      }
    }),
    { numRuns: LARGE / 50 },
  );
});

test('what a file says does not reach the tensors: they are read alike with and without our metadata', ({ path }) => {
  saveModel(path, small());
  assert.equal(readTensors(path), readSafetensors(readFileSync(path)).tensors);
});

test.run();

function small(): Model {
  return sequential({ rnn: rnn({ inputSize: 2, hiddenSize: 2 }) }, { random: seeded(3) });
}

/** The bytes of the outputs of six steps in two lanes. */
function logits(model: Model): Uint8Array {
  const tape = model.tape(6, 2);
  tape.forward(Int32Array.of(0, 1, 2, 3, 4, -1, 4, 2, 0, 0, 1, 3), 6);
  return bytesOf(tape.output.slice());
}

function caught(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
