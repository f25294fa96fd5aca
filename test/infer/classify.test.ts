import { from, map, of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gru } from '../../src/layer/gru.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { summary } from '../../src/layer/summary.js';
import { accuracy } from '../../src/learn/accuracy.js';
import { adam } from '../../src/learn/adam.js';
import { epochs } from '../../src/learn/epochs.js';
import { evaluate } from '../../src/learn/evaluate.js';
import { squaredError } from '../../src/learn/squaredError.js';
import { train } from '../../src/learn/train.js';
import { classify } from '../../src/infer/classify.js';
import { softmax } from '../../src/infer/softmax.js';
import type { Model } from '../../src/model/model.js';
import { seq2seq } from '../../src/model/seq2seq.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import { marbles } from '../../src/record/marbles.js';
import { labelled } from '../../src/token/labelled.js';
import type { Dtype } from '../../src/types.js';
import { first } from '../learn/first.js';
import { collected } from '../learn/support.js';

const POOLS = ['last', 'mean', 'max'] as const;
const model = (bidirectional = true, pool: (typeof POOLS)[number] = 'last', dtype: Dtype = 'float32'): Model => {
  const size = bidirectional ? 12 : 6;
  return sequential(
    {
      lstm: lstm({ inputSize: 5, hiddenSize: 6, bidirectional }),
      summary: summary({ size, pool, bidirectional }),
      linear: linear({ inputSize: size, outputSize: 3 }),
    },
    { dtype, random: seeded(6) },
  );
};
const SEQUENCES = [[1, 2, 3], [4], [0, 0, 0, 0, 1], [2, 4], [3], [1, 1, 1, 1]];

marbles('one result per sequence, when its lanes are full', ({ cold, expectObservable }) => {
  const values = { a: [1], b: [2, 3], c: [4] };
  const items = map(({ item }: { readonly item: unknown }) => item);
  const source = cold('-a-b-c-|', values);
  expectObservable(source.pipe(classify(model()), items)).toBe('-a-b-c-|', values);
  expectObservable(source.pipe(classify(model(), { lanes: 2 }), items)).toBe('---(ab)(c|)', values);
});

for (const bidirectional of [false, true]) {
  for (const pool of POOLS) {
    test(`${pool}, ${bidirectional ? 'both ways' : 'one way'}: a sequence has the bits that it has alone`, () => {
      const it = model(bidirectional, pool);
      const alone = collected(from(SEQUENCES).pipe(classify(it))).values;
      for (const lanes of [2, 4, 9]) {
        assert.equal(collected(from(SEQUENCES).pipe(classify(it, { lanes }))).values, alone);
      }
      for (const { label, probability, probabilities, output } of alone) {
        assert.equal(probabilities, [...softmax(Float64Array.from(output))]);
        assert.is(probability, Math.max(...probabilities));
        assert.is(label, probabilities.indexOf(probability));
      }
    });
  }
}

test('the label of a sequence one way is that of step after step', () => {
  const it = model(false, 'mean');
  for (const { item, output } of collected(from(SEQUENCES).pipe(classify(it, { lanes: 3 }))).values) {
    let state = it.zeroState();
    let last: ArrayLike<number> = [];
    for (const token of item as readonly number[]) {
      const stepped = it.step(token, state);
      ({ state } = stepped);
      last = stepped.output.data;
    }
    assert.equal(output, Array.from(last));
  }
});

test('it learns from labelled sequences, and its labels are those that evaluate counts', () => {
  const random = seeded(4);
  const make = (count: number): { sequence: number[]; label: number }[] =>
    Array.from({ length: count }, () => {
      const sequence = Array.from({ length: 1 + random.integer(7) }, () => random.integer(5));
      return { sequence, label: sequence[0]! % 3 }; // what the backward direction has read last
    });
  const [examples, held] = [make(120), make(60)];
  const it = model();
  const learn = train(it, { optimizer: adam({ learningRate: 0.02 }) });
  collected(from(examples).pipe(labelled({ lanes: 8 }), epochs(learn, { count: 12 })));
  const measures = { accuracy: accuracy() };
  const evaluation = first(from(held).pipe(labelled({ lanes: 7 }), evaluate(it, { measures })));
  const sequence = (item: (typeof held)[number]): number[] => item.sequence;
  const { values } = collected(from(held).pipe(classify(it, { lanes: 5, sequence })));
  const right = values.filter(({ item, label }) => item.label === label).length;
  assert.is(evaluation.tokens, 60);
  assert.is(evaluation.accuracy, right / 60);
  assert.ok(evaluation.accuracy > 0.95, `${evaluation.accuracy}`);
});

test('labels that are numbers are learned, and read as outputs', () => {
  const it = sequential(
    {
      gru: gru({ inputSize: 1, hiddenSize: 6 }),
      summary: summary({ size: 6, pool: 'last' }),
      linear: linear({ inputSize: 6, outputSize: 1 }),
    },
    { random: seeded(2) },
  );
  const data = Array.from({ length: 40 }, (_, i) => {
    const sequence = Array.from({ length: 2 + (i % 4) }, (_, t) => [Math.sin(i + t)]);
    return { sequence, label: [sequence.reduce((sum, [x]) => sum + x!, 0) / 4] };
  });
  const learn = train(it, { optimizer: adam({ learningRate: 0.02 }), loss: squaredError() });
  const passes = collected(from(data).pipe(labelled({ lanes: 8 }), epochs(learn, { count: 60 }))).values;
  assert.ok(passes.at(-1)!.loss < 0.005, `${passes.at(-1)!.loss}`);
  const { values } = collected(from(data).pipe(classify(it, { sequence: ({ sequence }) => sequence })));
  const worst = Math.max(...values.map(({ item, output }) => Math.abs(item.label[0]! - output[0]!)));
  assert.ok(worst < 0.3, `${worst}`);
});

test('said: what is not a sequence, tokens outside, outputs that are not finite, pairs of sequences', () => {
  const errorOf = (sequences: readonly unknown[], it = model()): string =>
    collected(from(sequences as number[][]).pipe(classify(it))).error!.message;
  assert.is(errorOf([[1], []]), 'classify: sequence 1 is empty; it needs at least one step');
  assert.match(errorOf(['abc']), /^classify: sequence 0 must be a list of tokens or of rows of numbers, got "abc"$/);
  assert.match(errorOf([[5]]), /^classify: sequence 0: token 5 at index 0 is outside the vocabulary of 5$/);
  const broken = model();
  broken.weights.tensors.get('linear.bias')!.data[0] = NaN;
  assert.is(errorOf([[1]], broken), 'classify: sequence 0: the logits are not finite');
  const cell = { inputSize: 2, hiddenSize: 2 };
  const pairs = seq2seq({ encoder: gru(cell), decoder: gru(cell), fc: linear({ inputSize: 2, outputSize: 2 }) });
  assert.throws(() => classify(pairs), /^classify: a seq2seq reads pairs of sequences, not single ones$/);
  assert.throws(() => classify(model(), { lanes: 0 }), /^classify: lanes must be a positive integer/);
});

/** Labels rows of two numbers. */
const ofRows = (): Model =>
  sequential({
    summary: summary({ size: 2, pool: 'mean' }),
    linear: linear({ inputSize: 2, outputSize: 2 }), // of 1e39, infinite in float32, it makes nothing finite
  });

test('a row that cannot be read is the error of its sequence; those beside it are labelled as alone', () => {
  const it = ofRows();
  const [a, b, c] = [[[1, 2]], [[0.5, -1], [3, 4]], [[2, 2]]]; // prettier-ignore
  const bad = [[[NaN, 2]], [[1, 2], [1e39, 2]], [[1, 2, 3]], [[1, '2']]]; // prettier-ignore
  const alone = collected(from([a, b, c]).pipe(classify(it))).values;
  for (const lanes of [1, 2, 3, 4, 7, 9]) {
    const reasons: string[] = [];
    const onInvalid = ({ reason }: { readonly reason: string }): number => reasons.push(reason);
    const items = [a, bad[0], b, bad[1], bad[2], bad[3], c] as number[][][];
    const { values, error } = collected(from(items).pipe(classify(it, { lanes, onInvalid })));
    assert.is(error, undefined);
    assert.equal(values, alone);
    assert.equal(reasons.toSorted(), [
      'classify: number 0 of row 0 of sequence 1 must be finite, got NaN',
      'classify: number 1 of row 0 of sequence 5 must be finite, got "2"',
      'classify: row 0 of sequence 4 must have 2 numbers, as those before, got 3',
      'classify: sequence 3: the logits are not finite',
    ]);
  }
  assert.is(
    collected(of(bad[2] as number[][]).pipe(classify(it))).error!.message,
    'classify: sequence 0 has rows of 3 numbers, the model reads 2',
  );
});

test('without onInvalid the sequences before a bad one are labelled, and then it is the error', () => {
  const it = ofRows();
  for (const bad of [[[NaN, 2]], [[1e39, 2]]]) {
    const { values, error } = collected(from([[[1, 2]], [[2, 1]], bad, [[3, 3]]]).pipe(classify(it, { lanes: 4 })));
    assert.is(values.length, 2);
    assert.match(error!.message, /^classify: .*sequence 2/);
  }
});

test.run();
