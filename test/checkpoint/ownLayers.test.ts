// Layers of your own in files: what is saved can be loaded, and a maker that has changed since is refused by its form.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EMPTY, of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  type Layer,
  type LayerMakers,
  linear,
  loadCheckpoint,
  loadModel,
  type Model,
  rnn,
  saveCheckpoint,
  saveModel,
  sequential,
  trainer,
} from '../../src/index.js';
import { writeLog, writeRecording } from '../../src/recording.js';
import { temporaryFolder } from './runs.js';

const folder = temporaryFolder();
const path = join(folder, 'own.safetensors');

const mine = (change: Partial<Layer> = {}): Layer => ({
  ...rnn({ inputSize: 2, hiddenSize: 2, bias: false }),
  kind: 'mine',
  options: {},
  ...change,
});
const maker = (change: Partial<Layer> = {}): LayerMakers => ({ mine: () => mine(change) });

function trained(model: Model) {
  const run = trainer(model, { optimizer: adam() });
  of({ steps: 1, lanes: 1, inputs: Int32Array.of(0), targets: Int32Array.of(1) })
    .pipe(run.learn)
    .subscribe();
  return run.state();
}

const changes: [Partial<Layer>, string][] = [
  [{ takes: 'tokens' }, 'takes tokens, not either'],
  [{ inputSize: 3 }, 'inputSize 3, not 2'],
  [{ outputSize: 3 }, 'outputSize 3, not 2'],
  [{ state: {} }, 'state {  }, not { "h": 1 × 2 }'],
  [{ state: { h: [1, 3] } }, 'state { "h": 1 × 3 }, not { "h": 1 × 2 }'],
  [{ state: { h: [2, 2] } }, 'state { "h": 2 × 2 }, not { "h": 1 × 2 }'],
  [{ state: { c: [1, 2] } }, 'state { "c": 1 × 2 }, not { "h": 1 × 2 }'],
  [{ bidirectional: true }, 'bidirectional true, not false'],
];
for (const [change, message] of changes) {
  test(`a layer of your own that was changed between saving and loading is refused: ${message}`, () => {
    const model = sequential({ it: mine() });
    const layers = maker();
    const refused = (use: () => unknown): void => {
      const told = `buildModel: layer it: the maker of mine gives a layer with ${message}`;
      assert.throws(use, (error: unknown) => error instanceof Error && `${error.message};`.includes(`${told};`));
    };
    saveModel(path, model, { layers });
    assert.is(loadModel(path, { layers }).model.outputSize, 2);
    refused(() => loadModel(path, { layers: maker(change) }));
    const file = saveCheckpoint(folder, { training: trained(model) }, { layers });
    assert.is(loadCheckpoint(file, { layers }).model.outputSize, 2);
    refused(() => loadCheckpoint(file, { layers: maker(change) }));
    rmSync(path);
    refused(() => saveModel(path, model, { layers: maker(change) }));
    assert.not(readdirSync(folder).includes('own.safetensors'));
  });
}

for (const [change, message] of changes.filter(([{ inputSize, outputSize }]) => !inputSize && !outputSize)) {
  test(`so is a skip of your own: ${message}`, () => {
    const model = sequential({ rnn: rnn({ inputSize: 2, hiddenSize: 2 }) }, { skip: mine() });
    const layers = maker();
    const refused = (use: () => unknown): void => {
      const told = `buildModel: skip: the maker of mine gives a layer with ${message}`;
      assert.throws(use, (error: unknown) => error instanceof Error && `${error.message};`.includes(`${told};`));
    };
    saveModel(path, model, { layers });
    assert.is(loadModel(path, { layers }).model.skip?.kind, 'mine');
    refused(() => loadModel(path, { layers: maker(change) }));
    const file = saveCheckpoint(folder, { training: trained(model) }, { layers });
    assert.is(loadCheckpoint(file, { layers }).model.skip?.kind, 'mine');
    refused(() => loadCheckpoint(file, { layers: maker(change) }));
    rmSync(path);
    refused(() => saveModel(path, model, { layers: maker(change) }));
    assert.not(readdirSync(folder).includes('own.safetensors'));
  });
}

const [first, second] = mine().parameters as [Layer['parameters'][number], Layer['parameters'][number]];
for (const [what, parameters, message] of [
  ['fewer parameters', [first], /: the model has no it\.weight_hh_l0; /],
  ['more parameters', [first, second, { ...first, name: 'more' }], /: it\.more must have shape \[2, 2\], got none; /],
  [
    'a parameter of another shape',
    [first, { ...second, shape: [2, 1] }],
    /: it\.weight_hh_l0 must have shape \[2, 1\], got \[2, 2\]; /,
  ],
] as const) {
  test(`nothing is saved of a layer whose maker gives ${what}`, () => {
    const model = sequential({ it: mine() });
    assert.throws(() => saveModel(path, model, { layers: maker({ parameters }) }), message);
    assert.throws(() => saveModel(path, model, { layers: maker({ parameters }) }), /own\.safetensors was not written$/);
    assert.not(readdirSync(folder).includes('own.safetensors'));
  });
}

test('what cannot be written is an error that begins with the function that was called', () => {
  const model = sequential({ fc: linear({ inputSize: 2, outputSize: 2 }) });
  const taken = join(folder, 'taken');
  mkdirSync(taken);
  const log = (): void => {
    let failure: unknown;
    writeLog(taken, EMPTY).subscribe({ error: (error: unknown) => (failure = error) });
    throw failure;
  };
  for (const [who, write] of Object.entries({
    saveModel: () => saveModel(taken, model),
    writeRecording: () => writeRecording(taken, { about: null, tracks: [] }),
    writeLog: log,
  })) {
    assert.throws(write, (error: unknown) => {
      const { message, cause } = error as Error;
      return message.startsWith(`${who}: ${taken} could not be written: `) && cause instanceof Error;
    });
  }
  assert.throws(
    () => saveCheckpoint(join(path, 'x'), { training: trained(model) }),
    /^saveCheckpoint: .* could not be written: /,
  );
  assert.equal(readdirSync(taken), []);
});

test.run();
