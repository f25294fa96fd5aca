import { test } from 'uvu';
import { adwin, ngram, pageHinkley, predictThenLearn, sgd, step, surprisal, surprisalByKey } from '../../src/index.js';
import { linear } from '../../src/layer/linear.js';
import { rnn } from '../../src/layer/rnn.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { operatorTable, row } from '../support/operatorTable.js';

const model = (): Model =>
  sequential({ rnn: rnn({ inputSize: 3, hiddenSize: 2 }), linear: linear({ inputSize: 2, outputSize: 3 }) });
const tokens = { a: 0, b: 2, c: 1 };
const keyed = { a: { key: 'k', token: 0 }, b: { key: 'l', token: 2 }, c: { key: 'k', token: 1 } };

/** Twenty values of 0, then twenty of 1. */
const change = Object.fromEntries(
  Array.from('abcdefghijklmnopqrstABCDEFGHIJKLMNOPQRST', (letter, i) => [letter, i < 20 ? 0 : 1]),
);

/** Compares what came of which token; the numbers are the affair of other tests. */
const token = ({ token }: { readonly token: number }): number => token;

/** A token that is not one of the model's. */
const refused = (name: string) => ({
  values: { a: 0, x: 9 },
  diagrams: ['-a-x', '-a-#'] as const,
  error: new RangeError(`${name}: token 9 is outside the vocabulary of 3`),
});

operatorTable({
  surprisal: row({
    operator: () => surprisal(model()),
    values: tokens,
    results: tokens,
    look: token,
    throws: refused('surprisal'),
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
      error: new RangeError('rnn: token 9 is outside the vocabulary of 3'),
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
  surprisalByKey: row({
    operator: () => surprisalByKey<string>(model(), { lanes: 1 }),
    values: keyed,
    results: { a: 0, b: 2, c: 1 },
    look: token,
    throws: {
      values: { a: keyed.a, x: { key: 'k', token: 9 } },
      diagrams: ['-a-x', '-a-#'],
      error: new RangeError('surprisalByKey: token 9 is outside the vocabulary of 3'),
    },
  }),
});

test.run();
