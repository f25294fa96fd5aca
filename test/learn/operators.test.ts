import { of, type OperatorFunction, pipe, tap } from 'rxjs';
import { test } from 'uvu';
import { linear } from '../../src/layer/linear.js';
import { rnn } from '../../src/layer/rnn.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { binaryCrossEntropy } from '../../src/learn/binaryCrossEntropy.js';
import { clipGradNorm } from '../../src/learn/clipGradNorm.js';
import { clipGradValue } from '../../src/learn/clipGradValue.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { earlyStop } from '../../src/learn/earlyStop.js';
import { evaluate } from '../../src/learn/evaluate.js';
import { loss } from '../../src/learn/loss.js';
import { optimize } from '../../src/learn/optimize.js';
import type { Optimizer } from '../../src/learn/optimizer.js';
import { scaleLoss } from '../../src/learn/scaleLoss.js';
import { sgd } from '../../src/learn/sgd.js';
import { squaredError } from '../../src/learn/squaredError.js';
import type { Differentiated, Scored, Unrolled } from '../../src/learn/stages.js';
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

/** Compares what came of which window; the numbers are the affair of other tests. */
const window = ({ window }: Unrolled): Window => window;
const count = ({ step, tokens }: { step: number; tokens: number }): object => ({ step, tokens });

/** Each stage behind those it needs. */
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
  train: row({
    operator: () => train(model(), { optimizer: sgd({ learningRate: 0.1 }) }),
    values: tokens,
    empty: '#',
    streams: true,
    emptyError: new RangeError(
      'train: the windows ended before the first one, so nothing was learned; is the corpus empty, or too short? ' +
        'windows needs at least two tokens in each lane',
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

function model(): Model {
  const layers = { rnn: rnn({ inputSize: 3, hiddenSize: 2 }), linear: linear({ inputSize: 2, outputSize: 3 }) };
  return sequential(layers, { dtype: 'float64', random: seeded(1) });
}

/** A loss of which only the count is looked at. */
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
