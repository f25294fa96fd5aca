import { map, of, type OperatorFunction, pipe, tap } from 'rxjs';
import { test } from 'uvu';
import { adaptiveSoftmax } from '../../src/layer/adaptiveSoftmax.js';
import { linear } from '../../src/layer/linear.js';
import { rnn } from '../../src/layer/rnn.js';
import { absoluteError } from '../../src/learn/absoluteError.js';
import { accuracy } from '../../src/learn/accuracy.js';
import { adaptiveCrossEntropy } from '../../src/learn/adaptiveCrossEntropy.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { binaryCrossEntropy } from '../../src/learn/binaryCrossEntropy.js';
import { clipGradNorm } from '../../src/learn/clipGradNorm.js';
import { clipGradValue } from '../../src/learn/clipGradValue.js';
import { confusion } from '../../src/learn/confusion.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { earlyStop } from '../../src/learn/earlyStop.js';
import { epochs } from '../../src/learn/epochs.js';
import { evaluate } from '../../src/learn/evaluate.js';
import { gaussianNll } from '../../src/learn/gaussianNll.js';
import { huber } from '../../src/learn/huber.js';
import { jointLoss } from '../../src/learn/jointLoss.js';
import { keepBest } from '../../src/learn/keepBest.js';
import { loss } from '../../src/learn/loss.js';
import { meanAbsoluteError } from '../../src/learn/meanAbsoluteError.js';
import { measure } from '../../src/learn/measure.js';
import { ofHead } from '../../src/learn/ofHead.js';
import { optimize } from '../../src/learn/optimize.js';
import type { Optimizer } from '../../src/learn/optimizer.js';
import { quantileLoss } from '../../src/learn/quantileLoss.js';
import { rootMeanSquaredError } from '../../src/learn/rootMeanSquaredError.js';
import { scaleLoss } from '../../src/learn/scaleLoss.js';
import { sgd } from '../../src/learn/sgd.js';
import { squaredError } from '../../src/learn/squaredError.js';
import type { Differentiated, Scored, Unrolled } from '../../src/learn/stages.js';
import { topK } from '../../src/learn/topK.js';
import { train } from '../../src/learn/train.js';
import { unroll } from '../../src/learn/unroll.js';
import { validate, type ValidatedStep } from '../../src/learn/validate.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import type { TrainingStep, Window } from '../../src/types.js';
import { operatorTable, row, type Throws } from '../support/operatorTable.js';

const windowOf = (inputs: Window['inputs'], targets: Window['targets']): Window => ({
  steps: inputs.length,
  lanes: 1,
  inputs,
  targets,
});
const tokens = Object.fromEntries(
  ['a', 'b', 'c'].map((name, i) => [name, windowOf(Int32Array.of(i, 1), Int32Array.of(1, i))]),
);
const numbers = Object.fromEntries(
  ['a', 'b', 'c'].map((name, i) => [name, windowOf(Int32Array.of(i), Float64Array.of(0, 1, i / 2))]),
);
const singles = Object.fromEntries(
  ['a', 'b', 'c'].map((name, i) => [name, windowOf(Int32Array.of(i), Float64Array.of(i / 2))]),
);
const counts = { a: { step: 1, tokens: 2 }, b: { step: 2, tokens: 4 }, c: { step: 3, tokens: 6 } };
const stepOf = (step: number): TrainingStep => ({ step, tokens: 2 * step, loss: 1, gradientNorm: 1, learningRate: 1 });
const steps = { a: stepOf(1), b: stepOf(2), c: stepOf(3) };
const figures = { tokens: 1, bitsPerToken: 1, perplexity: 1 };
const validated: Record<string, ValidatedStep> = {
  a: { ...steps.a, validation: { ...figures, loss: 5 } },
  b: steps.b,
  c: { ...steps.c, validation: { ...figures, loss: 4 } },
};
const userError = new Error('the user failed');

/** Compares what came of which window; other tests check the numbers. */
const window = ({ window }: Unrolled): Window => window;
const count = ({ step, tokens }: { step: number; tokens: number }): object => ({ step, tokens });

/** Each stage after those it needs. */
const scored = (of = model()): OperatorFunction<Window, Scored> => pipe(unroll(of), crossEntropy());
function differentiated(of = model()): OperatorFunction<Window, Differentiated> {
  return pipe(unroll(of), crossEntropy(), backpropagate(of));
}

operatorTable({
  unroll: row({
    operator: () => unroll(model()),
    values: tokens,
    results: tokens,
    look: window,
    throws: {
      values: { x: { steps: 1, lanes: 2, inputs: new Int32Array(2), targets: new Int32Array(2) } },
      diagrams: ['-a-x', '-a-#'],
      error: new RangeError('unroll: the carried state has 1 lanes, the window 2'),
    },
  }),
  crossEntropy: row({
    operator: () => scored(),
    values: tokens,
    results: tokens,
    look: window,
    throws: {
      values: { x: windowOf(Int32Array.of(1), Int32Array.of(9)) },
      diagrams: ['-a-x', '-a-#'],
      error: new RangeError('crossEntropy: target 9 is outside the vocabulary of 3'),
    },
  }),
  adaptiveCrossEntropy: row({
    operator: () => pipe(unroll(adaptiveModel()), adaptiveCrossEntropy()),
    values: tokens,
    results: tokens,
    look: window,
    throws: {
      values: { x: windowOf(Int32Array.of(1), Int32Array.of(9)) },
      diagrams: ['-a-x', '-a-#'],
      error: new RangeError('adaptiveCrossEntropy: target 9 is outside the vocabulary of 3'),
    },
  }),
  binaryCrossEntropy: row({
    operator: () => pipe(unroll(model()), binaryCrossEntropy()),
    values: numbers,
    results: numbers,
    look: window,
    throws: {
      values: { x: tokens['a']! },
      diagrams: ['-a-x', '-a-#'],
      error: new TypeError('binaryCrossEntropy: targets must be numbers, got tokens'),
    },
  }),
  squaredError: row({
    operator: () => pipe(unroll(model()), squaredError()),
    values: numbers,
    results: numbers,
    look: window,
    throws: {
      values: { x: tokens['a']! },
      diagrams: ['-a-x', '-a-#'],
      error: new TypeError('squaredError: targets must be numbers, got tokens'),
    },
  }),
  absoluteError: row({
    operator: () => pipe(unroll(model()), absoluteError()),
    values: numbers,
    results: numbers,
    look: window,
    throws: {
      values: { x: tokens['a']! },
      diagrams: ['-a-x', '-a-#'],
      error: new TypeError('absoluteError: targets must be numbers, got tokens'),
    },
  }),
  huber: row({
    operator: () => pipe(unroll(model()), huber()),
    values: numbers,
    results: numbers,
    look: window,
    throws: {
      values: { x: tokens['a']! },
      diagrams: ['-a-x', '-a-#'],
      error: new TypeError('huber: targets must be numbers, got tokens'),
    },
  }),
  gaussianNll: row({
    operator: () => pipe(unroll(model(2)), gaussianNll()),
    values: singles,
    results: singles,
    look: window,
    throws: {
      values: { x: tokens['a']! },
      diagrams: ['-a-x', '-a-#'],
      error: new TypeError('gaussianNll: targets must be numbers, got tokens'),
    },
  }),
  quantileLoss: row({
    operator: () => pipe(unroll(model()), quantileLoss({ quantiles: [0.1, 0.5, 0.9] })),
    values: singles,
    results: singles,
    look: window,
    throws: {
      values: { x: tokens['a']! },
      diagrams: ['-a-x', '-a-#'],
      error: new TypeError('quantileLoss: targets must be numbers, got tokens'),
    },
  }),
  loss: row({
    operator: () => pipe(unroll(model()), ownLoss()),
    values: tokens,
    results: tokens,
    look: window,
    throws: {
      values: { x: numbers['a']! },
      diagrams: ['-a-x', '-a-#'],
      error: userError,
    },
  }),
  jointLoss: row({
    operator: () => pipe(unroll(model()), jointLoss({ all: { outputs: 3, loss: squaredError() } })),
    values: numbers,
    results: numbers,
    look: window,
    throws: {
      values: { x: tokens['a']! },
      diagrams: ['-a-x', '-a-#'],
      error: new TypeError('jointLoss: targets must be numbers, those of the heads side by side, got tokens'),
    },
  }),
  measure: measureRow(
    () =>
      pipe(
        scored(),
        measure('mine', () => 1),
      ),
    { m: 1 },
    'mine',
    () => pipe(scored(), measure('mine', throwing)),
  ),
  accuracy: measureRow(() => pipe(scored(), accuracy()), { m: 1 / 3 }, 'accuracy'),
  topK: measureRow(() => pipe(scored(), topK(3)), { m: 1 }, 'topK'),
  confusion: row({
    operator: () => pipe(scored(), confusion()),
    values: tokens,
    results: { m: 6 },
    look: (table) => table.flat().reduce((sum, count) => sum + count, 0),
    emits: ['-a-b-c-|', '-------(m|)'],
    empty: '#',
    emptyError: new RangeError('confusion: no target counts, so there is nothing to measure'),
    fails: ['-a-#', '---#'],
    throws: {
      operator: () => pipe(unroll(model()), ownLoss(), confusion()),
      values: { x: numbers['a']! },
      diagrams: ['-a-x', '---#'],
      error: userError,
    },
  }),
  meanAbsoluteError: measureRow(() => pipe(scored(), errorLike, meanAbsoluteError()), { m: 0.5 }, 'meanAbsoluteError'),
  rootMeanSquaredError: measureRow(
    () => pipe(scored(), errorLike, rootMeanSquaredError()),
    { m: 0.5 },
    'rootMeanSquaredError',
  ),
  ofHead: row({
    operator: () =>
      pipe(
        headed(),
        ofHead(
          'all',
          measure('mine', () => 1),
        ),
      ),
    values: numbers,
    results: { m: 1 },
    emits: ['-a-b-c-|', '-------(m|)'],
    empty: '#',
    emptyError: new RangeError('mine: no target counts, so there is nothing to measure'),
    fails: ['-a-#', '---#'],
    throws: {
      operator: () => pipe(headed(), ofHead('other', accuracy())),
      diagrams: ['-a-b', '-#'],
      error: new RangeError('ofHead: no head other; there are all'),
    },
  }),
  epochs: row({
    operator: () => epochs(train(model(), { optimizer: sgd({ learningRate: 0.1 }) }), { count: 1 }),
    values: tokens,
    results: { m: [1, 3] },
    look: ({ epoch, step }) => [epoch, step],
    emits: ['-a-b-c-|', '-------(m|)'],
    empty: '#',
    emptyError: new RangeError(
      'epochs: a pass over the data ended before its first window, so nothing was learned; are there data, and enough ' +
        'for one window?',
    ),
    fails: ['-a-#', '---#'],
    throws: {
      operator: () => epochs(train(model(), { optimizer: sgd({ learningRate: failingRate }) }), { count: 1 }),
      diagrams: ['-a-b', '---#'],
      error: userError,
    },
  }),
  scaleLoss: row({
    operator: () => pipe(scored(), scaleLoss(2)),
    values: tokens,
    results: tokens,
    look: window,
    throws: {
      operator: () => pipe(scored(), scaleLoss(throwing)),
      diagrams: ['-a-b', '-#'],
      error: userError,
    },
  }),
  backpropagate: row({
    operator: () => differentiated(),
    values: tokens,
    results: tokens,
    look: window,
    throws: {
      operator: () => pipe(scored(model()), backpropagate(model())),
      diagrams: ['-a-b', '-#'],
      error: new Error('backpropagate: this window was unrolled by another model'),
    },
  }),
  clipGradNorm: row({
    operator: () => pipe(differentiated(), clipGradNorm(1)),
    values: tokens,
    results: tokens,
    look: window,
    throws: stale('clipGradNorm', () => clipGradNorm(1)),
  }),
  clipGradValue: row({
    operator: () => pipe(differentiated(), clipGradValue(1)),
    values: tokens,
    results: tokens,
    look: window,
    throws: stale('clipGradValue', () => clipGradValue(1)),
  }),
  optimize: row({
    operator: () => optimized(() => sgd({ learningRate: 0.1 })),
    values: tokens,
    results: counts,
    look: count,
    throws: {
      operator: () => optimized(() => sgd({ learningRate: failingRate })),
      diagrams: ['-a-b', '-a-#'],
      error: userError,
    },
  }),
  evaluate: row({
    operator: () => evaluate(model()),
    values: tokens,
    results: { x: 6 },
    look: ({ tokens }) => tokens,
    emits: ['-a-b-c-|', '-------(x|)'],
    empty: '#',
    emptyError: new RangeError('evaluate: the windows have no target'),
    fails: ['-a-#', '---#'],
    throws: {
      values: { x: windowOf(Int32Array.of(1), Int32Array.of(9)) },
      diagrams: ['-a-x', '---#'],
      error: new RangeError('crossEntropy: target 9 is outside the vocabulary of 3'),
    },
  }),
  validate: row({
    operator: () => validate(model(), of(tokens['a']!), { every: 2 }),
    values: steps,
    results: { a: [1, undefined], b: [2, 2], c: [3, undefined] },
    look: ({ step, validation }) => [step, validation?.tokens],
    throws: {
      operator: () => validate(model(), throwing, { every: 2 }),
      diagrams: ['-a-b-c', '-a-#'],
      error: userError,
    },
  }),
  earlyStop: row({
    operator: () => earlyStop<ValidatedStep>({ patience: 3 }),
    values: validated,
    results: validated,
    throws: 'it runs nothing of the user and takes every step',
  }),
  keepBest: row({
    operator: () => keepBest<ValidatedStep>(model()),
    values: validated,
    results: validated,
    throws: {
      operator: () =>
        keepBest<ValidatedStep>(model(), {
          by: () => {
            throw userError;
          },
        }),
      diagrams: ['-b-a', '-b-#'],
      error: userError,
    },
  }),
  train: row({
    operator: () => train(model(), { optimizer: sgd({ learningRate: 0.1 }) }),
    values: tokens,
    empty: '#',
    streams: true,
    emptyError: new RangeError(
      'train: the windows ended before the first one, so nothing was learned; is the corpus empty, or too short? ' +
        'windows needs at least two tokens in each lane, seriesWindows a row and those of its horizon',
    ),
    results: counts,
    look: count,
    throws: {
      operator: () => train(model(), { optimizer: sgd({ learningRate: failingRate }) }),
      diagrams: ['-a-b', '-a-#'],
      error: userError,
    },
  }),
});

test.run();

function model(outputSize = 3): Model {
  const layers = { rnn: rnn({ inputSize: 3, hiddenSize: 2 }), linear: linear({ inputSize: 2, outputSize }) };

  return sequential(layers, { dtype: 'float64', random: seeded(1) });
}

function adaptiveModel(): Model {
  const output = adaptiveSoftmax({ inputSize: 2, outputSize: 3, cutoffs: [1], divValue: 2 });
  return sequential({ rnn: rnn({ inputSize: 3, hiddenSize: 2 }), output }, { dtype: 'float64', random: seeded(1) });
}

/** The row of a measure: one figure at the end. */
function measureRow(
  operator: () => OperatorFunction<Window, number>,
  results: Readonly<Record<string, number>>,
  name: string,
  failing?: () => OperatorFunction<Window, number>,
): ReturnType<typeof row> {
  return row({
    operator,
    values: tokens,
    results,
    emits: ['-a-b-c-|', '-------(m|)'],
    empty: '#',
    emptyError: new RangeError(`${name}: no target counts, so there is nothing to measure`),
    fails: ['-a-#', '---#'],
    throws: failing
      ? { operator: failing, diagrams: ['-a-b', '-#'], error: userError }
      : 'it runs nothing of the user; what it refuses is in measures.test.ts',
  });
}

/** Scored windows whose targets are the outputs themselves, half a unit off. */
const errorLike = map((scored: Scored): Scored => {
  const targets = Float64Array.from(scored.tape.output.subarray(0, 3 * scored.window.steps), (value) => value + 0.5);
  return { ...scored, window: { ...scored.window, targets } };
});

const headed = (): OperatorFunction<Window, Scored> =>
  pipe(unroll(model()), jointLoss({ all: { outputs: 3, loss: squaredError() } }));

/** A loss whose count alone is looked at. */
function ownLoss(): OperatorFunction<Unrolled, Scored> {
  return loss('ownLoss', {}, () => ({
    width: 1,
    count: ({ targets }, rows) => (targets instanceof Int32Array ? rows : throwing()),
    sum: (losses) => (losses.fill(1), losses.length),
  }));
}

function optimized(optimizer: () => Optimizer): OperatorFunction<Window, { step: number; tokens: number }> {
  const of = model();
  return pipe(differentiated(of), optimize(of, optimizer()));
}

/** What a stage says of a window whose numbers were overwritten before it came. */
function stale(
  name: string,
  operator: () => OperatorFunction<Differentiated, Differentiated>,
): Throws<Window, Differentiated> {
  const overwrite = tap(({ tape }: Differentiated) => tape.forward(Int32Array.of(0), 1));
  return {
    operator: () => pipe(differentiated(), overwrite, operator()),
    diagrams: ['-a-b', '-#'],
    error: new Error(
      `${name}: a later window has overwritten this one's numbers (pass 1 of 2); between unroll and optimize every ` +
        'stage must be synchronous, or copy what it needs when it arrives',
    ),
  };
}

function throwing(): never {
  throw userError;
}

function failingRate(update: number): number {
  return update === 0 ? 0.1 : throwing();
}
