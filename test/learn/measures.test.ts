import { EMPTY, map, of, type OperatorFunction, pipe, reduce, throwError } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embedding } from '../../src/layer/embedding.js';
import { accuracy } from '../../src/learn/accuracy.js';
import { confusion } from '../../src/learn/confusion.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { epochs } from '../../src/learn/epochs.js';
import { evaluate } from '../../src/learn/evaluate.js';
import { meanAbsoluteError } from '../../src/learn/meanAbsoluteError.js';
import { measure } from '../../src/learn/measure.js';
import { ranks } from '../../src/learn/ranks.js';
import { rootMeanSquaredError } from '../../src/learn/rootMeanSquaredError.js';
import { squaredError } from '../../src/learn/squaredError.js';
import type { Scored } from '../../src/learn/stages.js';
import { topK } from '../../src/learn/topK.js';
import { unroll } from '../../src/learn/unroll.js';
import { validate } from '../../src/learn/validate.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import type { Dtype, TrainingStep, Window } from '../../src/types.js';
import { first } from './first.js';
import { collected } from './support.js';

/** A model whose outputs are these numbers, a row for each token. */
function constant(rows: readonly (readonly number[])[], dtype: Dtype = 'float64'): Model {
  const it = sequential({ x: embedding({ inputSize: rows.length, outputSize: rows[0]!.length }) }, { dtype });
  it.weights.learned.set(rows.flat());
  return it;
}

const LOGITS = [
  [3, 2, 1, 0],
  [0, 5, 5, 1],
  [0, 0, 0, 0],
  [-1, -4, -2, -3],
];
const window: Window = {
  steps: 4,
  lanes: 2,
  inputs: Int32Array.of(0, 1, 1, 2, 3, 3, 0, 2),
  targets: Int32Array.of(0, 2, 1, 3, 2, -100, 9, 1),
  mask: Uint8Array.of(1, 1, 1, 1, 1, 1, 0, 1),
  targetMask: Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 0),
};
// rows that count: 0 → rank 1, 1 → rank 2 (a tie: the lower first), 1 → rank 1, 2 → rank 4, 3 → rank 2
const RANKS = [1, 2, 1, 4, 2, 0, 0, 0];

for (const dtype of ['float32', 'float64'] as const) {
  test(`${dtype}: ranks, accuracy, topK and confusion over the targets that count`, () => {
    assert.equal(
      first(of(window).pipe(unroll(constant(LOGITS, dtype)), crossEntropy()), (scored) => [...ranks(scored).data]),
      RANKS,
    );
    const measures = { accuracy: accuracy(), top2: topK(2), top3: topK(3), top4: topK(4), confusion: confusion() };
    const found = first(of(window, window).pipe(evaluate(constant(LOGITS, dtype), { measures })));
    assert.is(found.tokens, 10);
    assert.equal([found.accuracy, found.top2, found.top3, found.top4], [2 / 5, 4 / 5, 4 / 5, 1]);
    assert.equal(found.confusion, [
      [2, 0, 0, 0],
      [0, 2, 0, 0],
      [2, 2, 0, 0],
      [2, 0, 0, 0],
    ]);
    assert.ok(found.perplexity > 1, 'the figures of the loss are there, too');
  });
}

test('a target that the loss ignores is not measured, whichever token that is', () => {
  const given = { steps: 2, lanes: 1, inputs: Int32Array.of(0, 0), targets: Int32Array.of(0, 3) };
  const loss = crossEntropy({ ignoreIndex: 3 });
  assert.is(first(of(given).pipe(evaluate(constant(LOGITS), { loss, measures: { a: accuracy() } }))).a, 1);
});

const numbers: Window = {
  steps: 3,
  lanes: 1,
  inputs: Int32Array.of(0, 1, 2),
  targets: Float64Array.of(1, 1, NaN, NaN, 3, 0),
  targetMask: Uint8Array.of(1, 0, 1),
};
test('mean absolute and root mean squared error over the outputs that count', () => {
  const model = constant([
    [1, 2],
    [7, 7],
    [0, 4],
  ]); // errors 0, 1 and −3, 4
  const measures = { mae: meanAbsoluteError(), rmse: rootMeanSquaredError() };
  const found = first(of(numbers).pipe(evaluate(model, { loss: squaredError(), measures })));
  assert.equal(found, { tokens: 4, loss: 26 / 4, mae: 2, rmse: Math.sqrt(26 / 4) });
});

const refusals: [string, OperatorFunction<Scored, unknown>, 'tokens' | 'numbers', RegExp][] = [
  [
    'accuracy of numbers',
    accuracy(),
    'numbers',
    /^accuracy: needs targets that are tokens \(Int32Array\), got numbers$/,
  ],
  ['topK of numbers', topK(2), 'numbers', /^topK: needs targets that are tokens/],
  ['ranks of numbers', map(ranks), 'numbers', /^ranks: needs targets that are tokens/],
  ['confusion of numbers', confusion(), 'numbers', /^confusion: needs targets that are tokens/],
  ['MAE of tokens', meanAbsoluteError(), 'tokens', /^meanAbsoluteError: needs targets that are numbers, got tokens$/],
  ['RMSE of tokens', rootMeanSquaredError(), 'tokens', /^rootMeanSquaredError: needs targets that are numbers/],
];
for (const [name, refused, kind, message] of refusals) {
  test(`refused: ${name}`, () => {
    const model = constant([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const given = kind === 'numbers' ? numbers : { ...numbers, targets: Int32Array.of(1, 0, 1) };
    const loss = kind === 'numbers' ? squaredError() : crossEntropy();
    const { values, error } = collected(of(given).pipe(evaluate(model, { loss, measures: { refused } })));
    assert.equal(values, []);
    assert.instance(error, TypeError);
    assert.match(error!.message, message);
  });
}

test('a measure of your own: a mean by measure, anything else by rxjs', () => {
  const lanes = measure('lanes', ({ lane, step, target }) => lane * 100 + step * 10 + Number(target === 1));
  const windows = pipe(
    map<Scored, number>(() => 1),
    reduce((a, b) => a + b),
  );
  const found = first(of(window, window).pipe(evaluate(constant(LOGITS), { measures: { lanes, windows } })));
  assert.equal([found.lanes, found.windows], [(0 + 100 + 11 + 110 + 20) / 5, 2]);
});

test('refused: names that are taken, what is not an operator, silence, errors, no target', () => {
  const errorOf = (measures: Record<string, OperatorFunction<Scored, unknown>>): string =>
    collected(of(window).pipe(evaluate(constant(LOGITS), { measures }))).error!.message;
  assert.throws(() => evaluate(constant(LOGITS), { measures: { loss: accuracy() } }), /cannot be called loss/);
  assert.throws(() => evaluate(constant(LOGITS), { measures: { a: 1 as never } }), /measures\.a must be a function/);
  assert.is(errorOf({ mute: () => EMPTY }), 'evaluate: mute ended without a figure; a measure must emit one');
  assert.is(
    errorOf({ late: accuracy as never }),
    'evaluate: measures.late must be an operator, but gave a function for an observable; call it where you pass it on',
  );
  for (const [value, shown] of [
    [NaN, 'NaN'],
    ['2', '"2"'],
    [undefined, 'undefined'],
  ] as const) {
    assert.is(
      errorOf({ own: measure('own', () => value as number) }),
      `own: what a measure of a target returns must be a finite number, got ${shown}`,
    );
  }
  assert.is(errorOf({ bad: () => throwError(() => new Error('mine')) }), 'mine');
  assert.is(
    collected(EMPTY.pipe(accuracy())).error!.message,
    'accuracy: no target counts, so there is nothing to measure',
  );
});

const step: TrainingStep = { step: 3, tokens: 2, loss: 0, gradientNorm: 0, learningRate: 0.1 };
test('validate takes the loss and the measures of evaluate', () => {
  const measures = { accuracy: accuracy() };
  const [found] = collected(
    of(step).pipe(validate(constant(LOGITS), of(window), { every: 1, loss: crossEntropy(), measures })),
  ).values;
  assert.is(found!.validation!.accuracy, 2 / 5);
  const [plain] = collected(of(step).pipe(validate(constant(LOGITS), of(window), { every: 1, measures }))).values;
  assert.is(plain!.validation!.perplexity, found!.validation!.perplexity);
  const both = { every: 1, measures, measure: evaluate(constant(LOGITS)) };
  assert.throws(() => validate(constant(LOGITS), of(window), both), /measures and measure exclude each other/);
});

test('validate behind epochs counts passes', () => {
  const { values } = collected(
    of(window, window).pipe(
      epochs(
        map((_, i): TrainingStep => ({ ...step, step: i + 1, tokens: i + 1 })),
        { count: 2 },
      ),
      validate(constant(LOGITS), of(window), { every: 2 }),
      map(({ epoch, step, validation }) => [epoch, step, validation?.tokens]),
    ),
  );
  assert.equal(values, [
    [1, 2, undefined],
    [2, 4, 5],
  ]);
});

test.run();
