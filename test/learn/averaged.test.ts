import { concat, from, lastValueFrom, map, take, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { latestCheckpoint } from '../../src/checkpoint/latestCheckpoint.js';
import { saveCheckpoint } from '../../src/checkpoint/saveCheckpoint.js';
import { gru } from '../../src/layer/gru.js';
import { linear } from '../../src/layer/linear.js';
import { adam } from '../../src/learn/adam.js';
import { scheduleFreeAdamw } from '../../src/learn/scheduleFreeAdamw.js';
import { scheduleFreeSgd } from '../../src/learn/scheduleFreeSgd.js';
import { averaged } from '../../src/learn/averaged.js';
import type { Optimizer } from '../../src/learn/optimizer.js';
import { trainer } from '../../src/learn/trainer.js';
import { evaluate } from '../../src/learn/evaluate.js';
import { validate } from '../../src/learn/validate.js';
import type { Model } from '../../src/model/model.js';
import { seq2seq } from '../../src/model/seq2seq.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import { windows } from '../../src/token/windows.js';
import { temporaryFolder } from '../checkpoint/runs.js';
import { optimizerMakers } from './optimizerMakers.js';

const text = Array.from({ length: 121 }, (_, i) => (i * i) % 7);
const window$ = from(text).pipe(windows({ steps: 4 }));
const makeModel = (): Model =>
  sequential(
    { gru: gru({ inputSize: 7, hiddenSize: 5 }), linear: linear({ inputSize: 5, outputSize: 7 }) },
    { random: seeded(3), frozen: ['gru.bias_hh_l0'] },
  );
const bits = (model: Model): number[] => [...model.weights.numbers];

test('the average moves by its share after each update, from the weights after the first', async () => {
  const model = makeModel();
  const average = averaged(model, { decay: 0.75 });
  assert.equal(bits(average.model), bits(model));
  let expected: number[] = [];
  const run = trainer(model, { optimizer: average.optimizer(adam({ learningRate: 0.05 })) });
  await lastValueFrom(
    window$.pipe(
      run.learn,
      map(({ step }) => {
        const now = [...model.weights.learned];
        expected = step === 1 ? now : expected.map((x, i) => Math.fround(0.75 * x + 0.25 * now[i]!));
        assert.equal([...average.model.weights.learned], expected);
      }),
    ),
  );
  assert.not.equal(bits(average.model), bits(model));
});

test('validate measures the averaged model, whose products follow its weights', async () => {
  const model = makeModel();
  const average = averaged(model, { decay: 0.5 });
  const run = trainer(model, { optimizer: average.optimizer(adam({ learningRate: 0.05 })) });
  const { validation } = await lastValueFrom(
    window$.pipe(
      run.learn,
      validate(average.model, () => window$, { every: 10 }),
    ),
  );
  const again = await lastValueFrom(window$.pipe(evaluate(average.model)));
  const other = await lastValueFrom(window$.pipe(evaluate(model)));
  assert.is(validation!.loss, again.loss);
  assert.not.equal(again.loss, other.loss);
});

const kinds: Readonly<Record<string, { readonly decay?: number; make(): Optimizer }>> = {
  ...Object.fromEntries(
    Object.entries(optimizerMakers).map(([name, make]) => [
      name,
      { decay: 0.9, make: () => make({ learningRate: 0.01 }) },
    ]),
  ),
  'scheduleFreeAdamw, by its own average': { make: () => scheduleFreeAdamw() },
  'scheduleFreeSgd, by its own average': { make: () => scheduleFreeSgd() },
};
for (const [name, { make, ...options }] of Object.entries(kinds)) {
  test(`${name}: a checkpoint has the average, and a resumed run continues with the same bits`, async () => {
    const start = (model: Model, resumeFrom?: Parameters<typeof trainer>[1]['resumeFrom']) => {
      const average = averaged(model, options);
      return { average, run: trainer(model, { optimizer: average.optimizer(make()), resumeFrom }) };
    };
    const whole = start(makeModel());
    await lastValueFrom(window$.pipe(whole.run.learn));
    const cut = start(makeModel());
    await lastValueFrom(window$.pipe(take(11), cut.run.learn));
    const folder = temporaryFolder();
    saveCheckpoint(folder, { training: cut.run.state() });
    const { model, training } = latestCheckpoint(folder)!;
    const rest = start(model, training);
    assert.equal(bits(rest.average.model), bits(cut.average.model));
    const left = await lastValueFrom(window$.pipe(toArray()));
    await lastValueFrom(from(left.slice(11)).pipe(rest.run.learn));
    assert.equal(bits(rest.average.model), bits(whole.average.model));
    assert.equal(rest.run.state().optimizer, whole.run.state().optimizer);
  });
}

test('a state without the average, of another kind or shape is refused, and nothing changes', async () => {
  const model = makeModel();
  const average = averaged(model, { decay: 0.5 });
  const optimizer = average.optimizer(adam());
  await lastValueFrom(window$.pipe(take(3), trainer(model, { optimizer }).learn));
  const before = optimizer.state();
  const without = [...before.moments].filter(([name]) => name !== 'movingAverage.linear.bias');
  const plain = adam();
  assert.throws(
    () => plain.restore(makeModel(), before),
    /^adam: restore needs a state of adam, got one of adam, averaged$/,
  );
  assert.throws(
    () => optimizer.restore(model, { ...before, moments: new Map(without) }),
    /^adam, averaged: restore needs movingAverage\.linear\.bias of shape \[7\], got undefined$/,
  );
  assert.throws(
    () => optimizer.restore(model, { ...before, kind: 'adam' }),
    /needs a state of adam, averaged, got one of adam/,
  );
  assert.throws(() => optimizer.restore(model, null as never), /the state to restore must be what state\(\)/);
  assert.equal(optimizer.state(), before);
});

test('an average serves its model, and what keeps none needs a decay', () => {
  const model = makeModel();
  const average = averaged(model, { decay: 0.5 });
  const other = makeModel();
  assert.throws(
    () => average.optimizer(adam()).update(other, other.tape(1, 1).gradients),
    /^adam, averaged: averages the weights of another model$/,
  );
  assert.throws(() => averaged(model).optimizer(adam()), /^averaged: adam keeps no average of its own; give a decay$/);
  assert.throws(() => averaged(model, { decay: 1 }), /^averaged: decay must be in \[0, 1\), got 1$/);
  assert.throws(() => averaged({} as never), /^averaged: model must be a model/);
  assert.throws(() => average.optimizer({} as never), /^averaged: optimizer must be an optimizer/);
  assert.throws(
    () => average.optimizer(adam()),
    /^averaged: already follows adam; make one average for each optimizer$/,
  );
});

test('an encoder–decoder is averaged too', () => {
  const cell = { inputSize: 4, hiddenSize: 3 };
  const model = seq2seq({ encoder: gru(cell), decoder: gru(cell), fc: linear({ inputSize: 3, outputSize: 4 }) });
  const average = averaged(model, { decay: 0.5 });
  assert.is(average.model.kind, 'seq2seq');
  assert.equal(bits(average.model), bits(model));
});

test('a later subscription continues the same average', async () => {
  const model = makeModel();
  const average = averaged(model, { decay: 0.5 });
  const run = trainer(model, { optimizer: average.optimizer(adam()) });
  await lastValueFrom(concat(window$.pipe(take(4), run.learn), window$.pipe(take(4), run.learn)));
  assert.is(run.state().optimizer.updates, 8);
});

test.run();
