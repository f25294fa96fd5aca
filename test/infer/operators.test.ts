import { map, pipe, queueScheduler } from 'rxjs';
import {
  anomalyLikelihood,
  forecast,
  medianBefore,
  mix,
  predictThenLearnByKey,
  tailSurprisal,
} from '../../src/index.js';
import { test } from 'uvu';
import {
  adwin,
  classify,
  generateByKey,
  ngram,
  pageHinkley,
  predictThenLearn,
  sgd,
  step,
  surprisal,
  surprisalByKey,
  surprisalBySequence,
} from '../../src/index.js';
import { linear } from '../../src/layer/linear.js';
import { rnn } from '../../src/layer/rnn.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { operatorTable, row } from '../support/operatorTable.js';

const model = (): Model =>
  sequential({ rnn: rnn({ inputSize: 3, hiddenSize: 2 }), linear: linear({ inputSize: 2, outputSize: 3 }) });
/** The same for rows of one number. */
const numbers = (): Model =>
  sequential({ rnn: rnn({ inputSize: 1, hiddenSize: 2 }), linear: linear({ inputSize: 2, outputSize: 1 }) });
const rows = { a: [1], b: [2], c: [3] };
const tokens = { a: 0, b: 2, c: 1 };
const sequences = { a: [0], b: [2, 1], c: [1, 1, 0] };
const keyed = { a: { key: 'k', token: 0 }, b: { key: 'l', token: 2 }, c: { key: 'k', token: 1 } };

/** What one model said of a token. */
const half = (token: number) => ({ distributions: [[0.5, 0.5]], token });

/** On its clock no work takes long. */
const TIMELESS = { now: () => 0, schedule: queueScheduler.schedule.bind(queueScheduler) };

/** Twenty values of 0, then twenty of 1. */
const change = Object.fromEntries(
  Array.from('abcdefghijklmnopqrstABCDEFGHIJKLMNOPQRST', (letter, i) => [letter, i < 20 ? 0 : 1]),
);

/** Compares what came of which token; other tests check the numbers. */
const token = ({ token }: { readonly token: number }): number => token;

/** A token that is not one of the model's. */
const refused = (name: string) => ({
  values: { a: 0, x: 9 },
  diagrams: ['-a-x', '-a-#'] as const,
  error: new RangeError(`${name}: token 9 at index 1 is outside the vocabulary of 3`),
});

operatorTable({
  surprisal: row({
    operator: () => surprisal(model()),
    values: tokens,
    results: tokens,
    look: token,
    throws: refused('surprisal'),
  }),
  classify: row({
    operator: () => classify(model()),
    values: sequences,
    results: sequences,
    look: ({ item }) => item,
    throws: {
      values: { x: [9] },
      diagrams: ['-a-x', '-a-#'],
      error: new RangeError('classify: sequence 1: token 9 at index 0 is outside the vocabulary of 3'),
    },
  }),
  surprisalBySequence: row({
    operator: () => surprisalBySequence(model(), { end: 0 }),
    values: sequences,
    results: sequences,
    look: ({ item }) => item,
    throws: {
      values: { x: [1, 9] },
      diagrams: ['-a-x', '-a-#'],
      error: new RangeError('surprisalBySequence: sequence 1: token 9 at index 1 is outside the vocabulary of 3'),
    },
  }),
  predictThenLearn: row({
    operator: () => predictThenLearn(model(), { optimizer: sgd({ learningRate: 0.1 }), steps: 2 }),
    values: tokens,
    results: tokens,
    look: token,
    throws: refused('predictThenLearn'),
  }),
  ngram: row({
    operator: () => ngram({ order: 2, vocabSize: 3 }),
    values: tokens,
    results: tokens,
    look: token,
    throws: refused('ngram'),
  }),
  step: row({
    operator: () => step(model()),
    values: tokens,
    results: tokens,
    look: token,
    throws: {
      values: { a: 0, x: 9 },
      diagrams: ['-a-x', '-a-#'],
      error: new RangeError('step: token 9 at index 1 is outside the vocabulary of 3'),
    },
  }),
  'predictThenLearn, rows of numbers': row({
    operator: () => predictThenLearn(numbers(), { optimizer: sgd({ learningRate: 0.1 }), head: 'value', steps: 2 }),
    values: rows,
    results: { b: [2], c: [3] },
    look: ({ row }) => row,
    emits: ['-a-b-c-|', '---b-c-|'],
    fails: ['-a-b-#', '---b-#'],
    throws: {
      values: { a: [1], x: [NaN] },
      diagrams: ['-a-x', '---#'],
      error: new RangeError('predictThenLearn: number 0 of row 1 must be finite, got NaN'),
    },
  }),
  predictThenLearnByKey: row({
    operator: () => predictThenLearnByKey<string>(model(), { optimizer: sgd({ learningRate: 0.1 }), steps: 2 }),
    values: keyed,
    results: { a: 0, b: 2, c: 1 },
    look: token,
    throws: {
      values: { a: keyed.a, x: { key: 'k', token: 9 } },
      diagrams: ['-a-x', '-a-#'],
      error: new RangeError('predictThenLearnByKey: token 9 is outside the vocabulary of 3'),
    },
  }),
  forecast: row({
    operator: () => forecast(numbers(), { steps: 2 }),
    values: rows,
    results: { x: 2 },
    look: ({ predicted }) => predicted.length,
    emits: ['-a-b-c-|', '-------(x|)'],
    empty: '#',
    emptyError: new RangeError('forecast: the series has no rows'),
    fails: ['-a-#', '---#'],
    throws: {
      values: { a: [1], x: [1, 2] },
      diagrams: ['-a-x', '---#'],
      error: new RangeError('forecast: row 1 must have 1 numbers as those before, got 2'),
    },
  }),
  'forecast, after each row': row({
    operator: () => forecast(numbers(), { steps: 3, after: 'each' }),
    values: rows,
    results: { a: 3, b: 3, c: 3 },
    look: ({ predicted }) => predicted.length,
    throws: {
      values: { a: [1], x: [Infinity] },
      diagrams: ['-a-x', '-a-#'],
      error: new RangeError('forecast: number 0 of row 1 must be finite, got Infinity'),
    },
  }),
  mix: row({
    operator: () => mix({ models: 1, vocabSize: 2 }),
    values: { a: half(0), b: half(1), c: half(0) },
    results: { a: [0, 1], b: [1, 1], c: [0, 1] },
    look: ({ token, bits }) => [token, bits],
    throws: {
      values: { a: half(0), x: half(2) },
      diagrams: ['-a-x', '-a-#'],
      error: new RangeError('mix: token 2 at index 1 is outside the vocabulary of 2'),
    },
  }),
  anomalyLikelihood: row({
    operator: () => anomalyLikelihood(),
    values: { a: 1, b: 2, c: 3 },
    results: { a: 1, b: 2, c: 3 },
    look: ({ value }) => value,
    throws: {
      values: { a: 1, n: NaN },
      diagrams: ['-a-n', '-a-#'],
      error: new RangeError('anomalyLikelihood: value 1 must be a finite number, got NaN'),
    },
  }),
  tailSurprisal: row({
    operator: () => tailSurprisal(),
    values: { a: 1, b: 2, c: 3 },
    results: { a: 0, b: 0, c: 0 },
    throws: {
      values: { a: 1, n: NaN },
      diagrams: ['-a-n', '-a-#'],
      error: new RangeError('tailSurprisal: value 1 must be a finite number, got NaN'),
    },
  }),
  medianBefore: row({
    operator: () => medianBefore(),
    values: { a: 3, b: 1, c: 2 },
    results: { a: 3, b: 3, c: 3 },
    throws: {
      values: { a: 3, n: NaN },
      diagrams: ['-a-n', '-a-#'],
      error: new RangeError('medianBefore: value 1 must be a finite number, got NaN'),
    },
  }),
  pageHinkley: row({
    operator: () => pageHinkley({ delta: 0, threshold: 1, minValues: 1 }),
    values: { a: 0, b: 9, c: 1 },
    results: { x: { index: 1, since: 1, before: 0, after: 9 } },
    emits: ['-a-b-c-|', '---x---|'],
    fails: ['-a-b-#', '---x-#'],
    throws: {
      values: { n: NaN },
      diagrams: ['-a-n', '---#'],
      error: new RangeError('pageHinkley: value 1 must be a finite number, got NaN'),
    },
  }),
  adwin: row({
    operator: () => adwin({ range: 1, every: 1, confidence: 0.9 }),
    values: change,
    results: { x: { index: 22, since: 20, before: 0, after: 1 } },
    emits: [`${Object.keys(change).join('')}|`, `${'-'.repeat(22)}x${'-'.repeat(17)}|`],
    fails: ['-a-#', '---#'],
    throws: {
      values: { '∞': Infinity },
      diagrams: ['-a-∞', '---#'],
      error: new RangeError('adwin: value 1 must be a finite number, got Infinity'),
    },
  }),
  generateByKey: row({
    operator: () =>
      pipe(
        map((prompt: number[], i: number) => ({ key: `${i} ${prompt.join()}`, prompt, maxTokens: 1, temperature: 0 })),
        generateByKey<string>(model(), { lanes: 1, scheduler: TIMELESS }),
      ),
    values: sequences,
    results: { a: '0', b: '2,1', c: '1,1,0' },
    look: ({ key }) => key.split(' ')[1],
    throws: {
      values: { a: [0], x: [9] },
      diagrams: ['-a-x', '-a-#'],
      error: new RangeError('generateByKey: the prompt has 9, which is outside the vocabulary of 3'),
    },
  }),
  surprisalByKey: row({
    operator: () => surprisalByKey<string>(model(), { lanes: 1 }),
    values: keyed,
    results: { a: 0, b: 2, c: 1 },
    look: token,
    throws: {
      values: { a: keyed.a, x: { key: 'k', token: 9 } },
      diagrams: ['-a-x', '-a-#'],
      error: new RangeError('surprisalByKey: token 9 at index 1 is outside the vocabulary of 3'),
    },
  }),
});

test.run();
