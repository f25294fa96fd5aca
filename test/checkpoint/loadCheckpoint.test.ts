import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadCheckpoint } from '../../src/checkpoint/loadCheckpoint.js';
import { loadModel } from '../../src/checkpoint/loadModel.js';
import { saveModel } from '../../src/checkpoint/saveModel.js';
import { readSafetensors } from '../../src/format/readSafetensors.js';
import { safetensors } from '../../src/format/safetensors.js';
import { SafetensorsError } from '../../src/format/SafetensorsError.js';
import { saveCheckpoint } from '../../src/checkpoint/saveCheckpoint.js';
import { seal, unseal } from '../../src/checkpoint/seal.js';
import type { Layer } from '../../src/layer/layer.js';
import { linear, type LinearOptions } from '../../src/layer/linear.js';
import { STRIDE } from '../support/large.js';
import { smallModel } from '../learn/support.js';
import { temporaryFolder } from './runs.js';
import { snapshotOf } from './snapshots.js';

const folder = temporaryFolder();
const path = join(folder, 'spoilt.safetensors');
const good = readFileSync(saveCheckpoint(folder, snapshotOf(7)));
const refused = (error: unknown): boolean =>
  error instanceof SafetensorsError || (error instanceof RangeError && /\bsha256\b/.test(error.message));

test('every truncation is refused', () => {
  for (let length = 0; length < good.length; length += STRIDE) {
    assert.throws(() => unseal(good.subarray(0, length)), refused, `${length} bytes`);
  }
});

test('every flipped bit is refused, wherever it stands', () => {
  const bytes = Uint8Array.from(good);
  for (let i = 0; i < bytes.length; i += STRIDE) {
    const bit = 1 << (i % 8);
    bytes[i]! ^= bit;
    assert.throws(() => unseal(bytes), refused, `byte ${i}`);
    bytes[i]! ^= bit;
  }
  assert.is(unseal(bytes).tensors.size, 6);
});

test('a flipped bit in a weight is found by the sha256', () => {
  const bytes = Uint8Array.from(good);
  bytes[bytes.length - 40]! ^= 1;
  writeFileSync(path, bytes);
  assert.throws(
    () => loadCheckpoint(path),
    (error: Error) =>
      error.message.startsWith(`loadCheckpoint: ${path} could not be loaded: the sha256 of the file is `) &&
      error.message.endsWith('it was damaged'),
  );
});

test('a model file is not a checkpoint, and says what reads it', () => {
  saveModel(path, smallModel());
  assert.throws(
    () => loadCheckpoint(path),
    /does not begin with its sha256: it is not a checkpoint; loadModel reads model files$/,
  );
});

test('a file of tensors is neither, and so has no hint', () => {
  writeFileSync(path, safetensors(new Map([['x', { shape: [1], data: Float32Array.of(1) }]]), { format: 'pt' }));
  assert.throws(() => loadCheckpoint(path), /does not begin with its sha256: it is not a checkpoint$/);
});

test('a checkpoint is not a model, and says what reads it', () => {
  writeFileSync(path, seal(tensors, texts));
  assert.throws(
    () => loadModel(path),
    /format must be rxrnn, got "rxrnn-checkpoint"; loadCheckpoint reads checkpoints$/,
  );
});

test('a path with nothing at it', () => {
  const missing = join(folder, 'missing');
  assert.throws(
    () => loadCheckpoint(missing),
    (error: Error) => (error.cause as NodeJS.ErrnoException).code === 'ENOENT',
  );
});

const { tensors, metadata } = readSafetensors(good);
const { sha256: _, ...texts } = Object.fromEntries(metadata);
const training = JSON.parse(texts['training']!) as Record<string, object>;
const changed = (change: object): string => JSON.stringify({ ...training, ...change });

for (const [what, change, message] of [
  ['another format', { format: 'pt' }, 'format must be rxrnn-checkpoint 1, got pt 1'],
  ['another version', { version: '2' }, 'format must be rxrnn-checkpoint 1, got rxrnn-checkpoint 2'],
  ['an unknown text', { author: 'me' }, 'the metadata has an unknown text "author"'],
  ['a configuration that is a list', { configuration: '[]' }, 'configuration must be an object, got []'],
  ['a configuration of other layers', { configuration: '{"kind":"x"}' }, 'configuration.kind must be sequential'],
  ['a training that is not JSON', { training: '{' }, 'training must be JSON: '],
  [
    'a step that is a fraction',
    { training: changed({ step: 1.5 }) },
    'training.step must be an integer from 0 up, got 1.5',
  ],
  [
    'no tokens',
    { training: changed({ tokens: undefined }) },
    'training.tokens must be an integer from 0 up, got nothing',
  ],
  ['a member too many', { training: changed({ x: 1 }) }, 'training has an unknown member "x"'],
  [
    'an optimizer without kind',
    { training: changed({ optimizer: { updates: 1, powers: {} } }) },
    'training.optimizer.kind must be a text, got nothing',
  ],
  [
    'powers that are texts',
    { training: changed({ optimizer: { kind: 'sgd', updates: 1, powers: { a: '1' } } }) },
    'training.optimizer.powers.a must be a finite number, got "1"',
  ],
  [
    'a generator without registers',
    { training: changed({ dropout: { generator: 'seeded', kept: null } }) },
    'training.dropout.registers must be a list, got nothing',
  ],
  ['a place that is a number', { place: '3' }, 'place must be an object, got 3'],
  [
    'a place of texts',
    { place: '{"epoch":0,"stages":{"text":["a"]}}' },
    'place.stages.text[0] must be a finite number, got "a"',
  ],
  ['__proto__', { config: '{"__proto__":{}}' }, 'config must not have a member __proto__'],
  [
    'validations without loss',
    { validations: '[{"step":1}]' },
    'validations[0].loss must be a finite number, got nothing',
  ],
  ['a vocabulary with a symbol twice', { vocabulary: '["a","a"]' }, 'symbols must differ'],
  [
    'a vocabulary larger than the model',
    { vocabulary: JSON.stringify(Array(1000).fill('a')) },
    'as many symbols as the',
  ],
] as const) {
  test(`refuses ${what}`, () => {
    writeFileSync(path, seal(tensors, texts));
    assert.is(loadCheckpoint(path).training.step, 7);
    writeFileSync(path, seal(tensors, { ...texts, ...change }));
    assert.throws(
      () => loadCheckpoint(path),
      (error: Error) => error.message.includes(message) || assert.is(error.message, message),
    );
  });
}

const one = { shape: [1], data: Float32Array.of(1) };
for (const [what, change, message] of [
  ['a tensor of nobody', new Map([...tensors, ['x', one]]), 'a checkpoint has no tensor "x"'],
  ['a weight too many', new Map([...tensors, ['weights.x', one]]), 'the model has no x'],
  [
    'a weight of another shape',
    new Map([...tensors, ['weights.linear.bias', one]]),
    'linear.bias must have shape [64], got [1]',
  ],
  ['no losses', new Map([...tensors].filter(([name]) => name !== 'losses')), 'the tensor "losses" is missing'],
] as const) {
  test(`refuses ${what}`, () => {
    writeFileSync(path, seal(change, texts));
    assert.throws(
      () => loadCheckpoint(path),
      (error: Error) => error.message.includes(message) || assert.is(error.message, message),
    );
  });
}

test('a text that is refused is refused before any layer is made', () => {
  const configuration = JSON.stringify({
    kind: 'sequential',
    dtype: 'float32',
    layers: [{ name: 'linear', kind: 'mine', inputSize: 16, outputSize: 64 }],
  });
  let made = 0;
  const mine = (options: LinearOptions): Layer => {
    made++;
    return { ...linear(options), kind: 'mine' };
  };
  const load = (change: object): unknown => {
    writeFileSync(path, seal(tensors, { ...texts, configuration, ...change }));
    return loadCheckpoint(path, { layers: { mine } });
  };
  assert.throws(() => load({ config: '[]' }), /config must be an object, got \[\]/);
  assert.throws(() => load({ versions: '[]' }), /versions must be an object, got \[\]/);
  assert.is(made, 0);
  load({});
  assert.is(made, 1);
});

test.run();
