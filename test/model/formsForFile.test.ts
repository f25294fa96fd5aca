// What a file of a model must fit: the layers that a reader of it makes, the vocabulary and the scaling beside them.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { of } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type CellGradients,
  type CellKind,
  checkpoint,
  linear,
  loadModel,
  lstm,
  type Model,
  recurrent,
  type RecurrentOptions,
  saveModel,
  type SaveModelOptions,
  scalingOf,
  sequential,
  sgd,
  squaredError,
  trainer,
  vocabularyOf,
} from '../../src/index.js';

const test = suite<{ path: string; folder: string }>('formsForFile');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'rxrnn-forms-'));
  context.path = join(context.folder, 'model.safetensors');
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const plain = linear({ inputSize: 2, outputSize: 2 });
const letters = (count: number) => vocabularyOf(Array.from({ length: count }, (_, i) => String.fromCharCode(97 + i)));
const columns = (count: number) =>
  scalingOf({ centre: Array.from({ length: count }, () => 0), spread: Array.from({ length: count }, () => 1) });

test('a layer of a kind of the library with another tape is refused, by models and checkpoints', ({ path, folder }) => {
  const mine = sequential({ a: { ...plain, tape: (context) => plain.tape(context) } });
  const message = /layer a has a tape other than that of linear; give it a kind of its own, with its maker/;
  assert.throws(() => saveModel(path, mine), message);
  assert.not.ok(existsSync(path));
  const run = trainer(mine, { optimizer: sgd({ learningRate: 0.1 }), loss: squaredError() });
  const window = { steps: 1, lanes: 1, inputs: Float32Array.of(1, 2), targets: Float32Array.of(1, 2) };
  const errors: Error[] = [];
  of(window)
    .pipe(run.learn, checkpoint({ trainer: run, folder: join(folder, 'run'), every: 1 }))
    .subscribe({ error: (error: Error) => errors.push(error) });
  assert.match(errors[0]!.message, message);
});

test('a cell of its own under the name of one of the library is refused, which would be read as that one', ({
  path,
}) => {
  const leaky: CellKind = {
    count: 1,
    carried: ['h'],
    bind: ({ steps, lanes, hiddenSize, allocate }) => {
      const sums = allocate(steps * lanes * hiddenSize);
      const differentiate = (): CellGradients => ({ sumsGradient: sums, hiddenSumsGradient: sums, stepBack: () => {} });
      return { sums, hiddenSums: sums, step: () => {}, differentiate };
    },
  };
  const own = (kind: string) => (options: RecurrentOptions) => recurrent(kind, leaky, options);
  const of = (kind: string) => sequential({ a: own(kind)({ inputSize: 2, hiddenSize: 2 }) });
  assert.throws(
    () => saveModel(path, of('rnn')),
    /layer a has a tape other than that of rnn; give it a kind of its own/,
  );
  assert.not.ok(existsSync(path));
  saveModel(path, of('leaky'), { layers: { leaky: own('leaky') } });
  assert.is(loadModel(path, { layers: { leaky: own('leaky') } }).model.layers.get('a')!.kind, 'leaky');
});

test('a layer that was copied, or that a loaded model has, is saved', ({ path }) => {
  saveModel(path, sequential({ a: { ...plain }, b: lstm({ inputSize: 2, hiddenSize: 3 }) }));
  const { model } = loadModel(path);
  saveModel(path, model);
  const again = sequential({ a: { ...model.layers.get('a')! }, b: model.layers.get('b')! });
  saveModel(path, again);
  assert.equal([...loadModel(path).model.layers.keys()], ['a', 'b']);
});

const tooLarge: [what: string, options: SaveModelOptions, message: RegExp][] = [
  ['a vocabulary', { vocabulary: letters(5) }, /vocabulary: size must be at most .* inputs and outputs, 4, got 5/],
  ['a scaling', { scaling: columns(5) }, /scaling: size must be at most .* inputs and outputs, 4, got 5/],
];
for (const [what, options, message] of tooLarge) {
  test(`${what} larger than the model is refused before the file is touched`, ({ path }) => {
    const model: Model = sequential({
      lstm: lstm({ inputSize: 4, hiddenSize: 9 }),
      linear: linear({ inputSize: 9, outputSize: 3 }),
    });
    assert.throws(() => saveModel(path, model, options), message);
    assert.not.ok(existsSync(path));
    saveModel(path, model, { vocabulary: letters(4), scaling: columns(4) });
    assert.is(loadModel(path).vocabulary!.size, 4);
  });
}

test.run();
