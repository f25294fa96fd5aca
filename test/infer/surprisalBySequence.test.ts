import { from, lastValueFrom, map, mergeAll, type OperatorFunction, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gru } from '../../src/layer/gru.js';
import { linear } from '../../src/layer/linear.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { ranks } from '../../src/learn/ranks.js';
import { unroll } from '../../src/learn/unroll.js';
import { classify } from '../../src/infer/classify.js';
import { surprisal } from '../../src/infer/surprisal.js';
import { surprisalBySequence } from '../../src/infer/surprisalBySequence.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import { marbles } from '../../src/record/marbles.js';
import { sequences } from '../../src/token/sequences.js';
import type { Dtype } from '../../src/types.js';
import { first } from '../learn/first.js';
import { collected } from '../learn/support.js';

const model = (dtype: Dtype = 'float32', backend: 'plain' | 'wasm' = 'wasm'): Model =>
  sequential(
    { gru: gru({ inputSize: 6, hiddenSize: 7 }), linear: linear({ inputSize: 7, outputSize: 6 }) },
    { dtype, backend, random: seeded(3) },
  );
const SESSIONS = [[1, 2, 3], [5], [4, 4, 4, 4, 1], [], [2, 5]];

marbles('one result per sequence, when its lanes are full', ({ cold, expectObservable }) => {
  const values = { a: [1], b: [2, 3], c: [4] };
  const items = map(({ item }: { readonly item: unknown }) => item);
  const source = cold('-a-b-c-|', values);
  expectObservable(source.pipe(surprisalBySequence(model(), { end: 0 }), items)).toBe('-a-b-c-|', values);
  expectObservable(source.pipe(surprisalBySequence(model(), { lanes: 2 }), items)).toBe('---(ab)(c|)', values);
});

for (const dtype of ['float32', 'float64'] as const) {
  for (const backend of ['plain', 'wasm'] as const) {
    test(`${dtype}, ${backend}: the surprisals are those of one stream, to the bit, whatever is beside a sequence`, () => {
      const it = model(dtype, backend);
      const stream = from(SESSIONS.map((session) => [...session, 0])).pipe(mergeAll());
      const expected = collected(stream.pipe(surprisal(it, { topK: 3, reset: (token) => token === 0 }))).values;
      for (const lanes of [1, 2, 3, 8]) {
        const { values, error } = collected(from(SESSIONS).pipe(surprisalBySequence(it, { end: 0, lanes, topK: 3 })));
        assert.is(error, undefined);
        assert.equal(
          values.map(({ item }) => item),
          SESSIONS,
        );
        assert.equal(
          values.flatMap(({ surprisals }) => surprisals),
          expected,
        );
        for (const { surprisals, bits } of values) {
          assert.is(
            bits,
            surprisals.reduce((sum, one) => sum + one.bits, 0),
          );
        }
      }
    });
  }
}

test('without an end it is not scored, and an empty sequence has nothing to score', () => {
  const it = model();
  const ended = collected(from(SESSIONS).pipe(surprisalBySequence(it, { end: 0 }))).values;
  const { values } = collected(from(SESSIONS).pipe(surprisalBySequence(it, { lanes: 3 })));
  for (const [i, { surprisals }] of values.entries()) assert.equal(surprisals, ended[i]!.surprisals.slice(0, -1));
});

test('the ranks of batched windows are those of its sequences', () => {
  const it = model();
  const [shape, data] = first(
    from(SESSIONS).pipe(sequences({ end: 0, lanes: 5 }), unroll(it), crossEntropy()),
    (scored) => [ranks(scored).shape, [...ranks(scored).data]] as const,
  );
  assert.equal(shape, [6, 5]);
  const { values } = collected(from(SESSIONS).pipe(surprisalBySequence(it, { end: 0, lanes: 2 })));
  for (const [lane, { surprisals }] of values.entries()) {
    for (const [t, { rank }] of surprisals.entries()) assert.is(data[t * 5 + lane], rank);
  }
});

test('tokens of items by a function of yours; refused: tokens outside, an end outside', () => {
  const it = model();
  interface Session {
    readonly id: string;
    readonly events: readonly number[];
  }
  const sequence = ({ events }: Session): readonly number[] => events;
  const { values } = collected(from([{ id: 'x', events: [1, 2] }]).pipe(surprisalBySequence(it, { end: 0, sequence })));
  assert.equal([values[0]!.item.id, values[0]!.surprisals.length], ['x', 3]);
  const { error } = collected(from([[6]]).pipe(surprisalBySequence(it)));
  assert.match(
    error!.message,
    /^surprisalBySequence: sequence \d+: token 6 at index \d+ is outside the vocabulary of 6/,
  );
  assert.throws(() => surprisalBySequence(it, { end: 6 }), /^surprisalBySequence: end must be an integer from 0 to 5/);
});

const SIZE = 6;

test('a bad sequence is reported to onInvalid, and the others go on, as of classify', async () => {
  const sequences = [[1, 2], [1, SIZE], [0.5], [2]];
  for (const read of [surprisalBySequence, classify]) {
    const invalid: string[] = [];
    const onInvalid = ({ item, reason }: { readonly item: unknown; readonly reason: string }): void =>
      void invalid.push(`${JSON.stringify(item)} ${reason}`);
    const results: { readonly item: unknown }[] = await lastValueFrom(
      from(sequences).pipe(
        read(model(), { lanes: 2, onInvalid }) as OperatorFunction<number[], { item: unknown }>,
        toArray(),
      ),
    );
    assert.equal(
      results.map(({ item }) => item),
      [[1, 2], [2]],
    );
    assert.is(invalid.length, 2);
    assert.match(invalid[0]!, new RegExp(`^\\[1,${SIZE}\\] ${read.name}: sequence 1: token ${SIZE} at index 1`));
    assert.match(invalid[1]!, new RegExp(`^\\[0.5\\] ${read.name}: .*sequence 2`));
  }
});

test('a sequence whose surprisal is not finite is reported alone, and those beside it have their bits', () => {
  const never = model();
  never.weights.tensors.get('linear.bias')!.data[3] = -Infinity; // token 3 has probability 0
  const good = [[1, 2], [4], [2, 2, 1]]; // prettier-ignore
  const alone = collected(from(good).pipe(surprisalBySequence(never))).values;
  for (const lanes of [1, 2, 3, 4]) {
    const reasons: string[] = [];
    const onInvalid = ({ reason }: { readonly reason: string }): number => reasons.push(reason);
    const items = [good[0]!, [1, 3], good[1]!, good[2]!];
    const { values } = collected(from(items).pipe(surprisalBySequence(never, { lanes, onInvalid })));
    assert.equal(values, alone);
    assert.equal(reasons, [
      'surprisalBySequence: sequence 1: the surprisal of a token is not finite: the output of layer linear is not finite',
    ]);
  }
});

test.run();
