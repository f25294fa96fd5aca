import { EMPTY, from, map, of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { binaryCrossEntropy } from '../../src/learn/binaryCrossEntropy.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { evaluate, type Evaluation } from '../../src/learn/evaluate.js';
import { squaredError } from '../../src/learn/squaredError.js';
import type { Scored, Unrolled } from '../../src/learn/stages.js';
import { unroll } from '../../src/learn/unroll.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { seeded } from '../../src/random/seeded.js';
import { marbles } from '../../src/record/marbles.js';
import { windows } from '../../src/token/windows.js';
import type { Window } from '../../src/types.js';
import { all, constantModel, model, tokens } from '../infer/models.js';

marbles('one evaluation, when the windows end; an error instead of one', ({ cold, expectObservable }) => {
  const w = { steps: 3, lanes: 1, inputs: Int32Array.of(0, 1, 2), targets: Int32Array.of(1, 2, 3) };
  const evaluated = evaluate(constantModel([0, 0, 0, 0]));
  const rounded = map(({ tokens, loss, bitsPerToken, perplexity }: Evaluation) =>
    [tokens, loss, bitsPerToken, perplexity].map((x) => Math.round(x * 1e9) / 1e9),
  );
  const e = [6, 1.386294361, 2, 4];
  expectObservable(cold('-w--w-|', { w }).pipe(evaluated, rounded)).toBe('------(e|)', { e });
  expectObservable(cold('-w-#', { w }).pipe(evaluated)).toBe('---#');
});

test('padding does not count', async () => {
  const made = model();
  const inputs = Int32Array.of(1, 2, 3, 4);
  const targets = Int32Array.of(2, 3, 4, 5);
  const masked = { steps: 4, lanes: 1, inputs, targets, mask: Uint8Array.of(1, 1, 0, 0) };
  const short = { steps: 2, lanes: 1, inputs: inputs.slice(0, 2), targets: targets.slice(0, 2) };
  assert.equal(await all(of(masked).pipe(evaluate(made))), await all(of(short).pipe(evaluate(made))));
});

test('nothing of the model changes', async () => {
  const made = model();
  const before = stateDict(made);
  await all(from(tokens(50)).pipe(windows({ steps: 7 }), evaluate(made)));
  assert.equal([...stateDict(made)], [...before]);
});

const numbers = (length: number, from: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => ((i * 7 + from) % 11) / 11);
const regression = (): Model =>
  sequential({ linear: linear({ inputSize: 2, outputSize: 2 }) }, { dtype: 'float64', random: seeded(3) });
const rows = (steps: number, from: number): Window => ({
  steps,
  lanes: 1,
  inputs: numbers(2 * steps, from),
  targets: Float64Array.from([...numbers(steps, from + 5)].flatMap((p) => [p, 1 - p])), // distributions, for cross-entropy
});

for (const [name, loss] of Object.entries({ squaredError, binaryCrossEntropy, crossEntropy })) {
  test(`${name}: numbers are scored by the loss that is trained`, async () => {
    const cut = [rows(3, 0), rows(2, 6), { ...rows(2, 8), mask: Uint8Array.of(1, 0) }];
    const scored = await all(from(cut).pipe(unroll(regression()), loss()));
    const count = scored.reduce((sum, { count }) => sum + count, 0);
    const mean = scored.reduce((sum, { loss, count }) => sum + loss * count, 0) / count;
    const [evaluation] = await all(from(cut).pipe(evaluate(regression(), { loss: loss() })));
    assert.is(evaluation!.tokens, count);
    assert.ok(Math.abs(evaluation!.loss - mean) < 1e-14, `${evaluation!.loss}, not ${mean}`);
    assert.equal(Object.keys(evaluation!), ['tokens', 'loss']); // bits of it mean nothing
  });
}

test('a weighted mean is that over all windows; perplexity is of plain cross-entropy only', async () => {
  const cut = await all(from(tokens(40)).pipe(windows({ steps: 9 })));
  const weight = Array.from({ length: model().outputSize }, (_, c) => c + 1);
  const whole = await all(from(tokens(40)).pipe(windows({ steps: 39 }), unroll(model()), crossEntropy({ weight })));
  const [weighted] = await all(from(cut).pipe(evaluate(model(), { loss: crossEntropy({ weight }) })));
  assert.ok(Math.abs(weighted!.loss - whole[0]!.loss) < 1e-6, `${weighted!.loss}, not ${whole[0]!.loss}`);
  assert.equal(Object.keys(weighted!), ['tokens', 'loss']);
  const [smoothed] = await all(from(cut).pipe(evaluate(model(), { loss: crossEntropy({ labelSmoothing: 0.1 }) })));
  assert.equal(Object.keys(smoothed!), ['tokens', 'loss']);
});

test('cross-entropy that is given has the bits of the default', async () => {
  const cut = await all(from(tokens(40)).pipe(windows({ steps: 9 })));
  const given = await all(from(cut).pipe(evaluate(model(), { loss: crossEntropy() })));
  assert.equal(given, await all(from(cut).pipe(evaluate(model()))));
  assert.equal(Object.keys(given[0]!), ['tokens', 'loss', 'bitsPerToken', 'perplexity']);
});

test('a loss of your own that keeps no loss of each target is scored by its means', async () => {
  const mean = map((unrolled: Unrolled): Scored => ({ ...unrolled, loss: 0.5, count: unrolled.window.steps }));
  const [evaluation] = await all(of(rows(3, 0), rows(1, 2)).pipe(evaluate(regression(), { loss: mean })));
  assert.equal(evaluation, { tokens: 4, loss: 0.5 });
});

test('refused: numbers as targets without a loss', () => {
  let found = '';
  of(rows(2, 0))
    .pipe(evaluate(regression()))
    .subscribe({ error: (error: Error) => (found = error.message) });
  assert.match(found, /^evaluate: the targets are numbers, so the loss that is trained is needed, such as \{ loss: /);
});

test('refused: no target', () => {
  let found = '';
  EMPTY.pipe(evaluate(model())).subscribe({ error: (error: Error) => (found = error.message) });
  assert.is(found, 'evaluate: the windows have no target');
});

test.run();
