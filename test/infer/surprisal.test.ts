import * as fc from 'fast-check';
import { BehaviorSubject, from, map, of, startWith, Subject, take } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { softmax } from '../../src/infer/softmax.js';
import { surprisal, type SurprisalOptions } from '../../src/infer/surprisal.js';
import { linear } from '../../src/layer/linear.js';
import { evaluate } from '../../src/learn/evaluate.js';
import type { ModelOptions } from '../../src/model/allocateParameters.js';
import { loadStateDict } from '../../src/model/loadStateDict.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { seeded } from '../../src/random/seeded.js';
import { marbles } from '../../src/record/marbles.js';
import { windows } from '../../src/token/windows.js';
import type { Token } from '../../src/types.js';
import { all, constantModel, kinds, model, SIZE, sum, through, tokens } from './models.js';

for (const kind of kinds) {
  for (const dtype of ['float32', 'float64'] as const) {
    test(`${kind}, ${dtype}: the bits add up to the evaluator's, however the text is cut, exactly`, async () => {
      const made = model(kind, 3, dtype);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 }), async (length, steps) => {
          const text = tokens(length, length);
          const scored = await through(text, surprisal(made));
          const [evaluation] = await all(from(text).pipe(startWith(-1), windows({ steps }), evaluate(made)));
          assert.is(scored.length, length);
          assert.is(evaluation!.tokens, length);
          assert.is(sum(scored.map(({ bits }) => bits)) / length, evaluation!.bitsPerToken);
        }),
        { numRuns: 25 },
      );
    });
  }
}

test('without a token before the first, the bits are those of plain windows, exactly', async () => {
  const made = model('lstm of two layers');
  const text = tokens(40);
  const scored = await through(text, surprisal(made, { previous: null }));
  const [evaluation] = await all(from(text).pipe(windows({ steps: 9 }), evaluate(made)));
  assert.equal(
    scored.map(({ token }) => token),
    text.slice(1),
  );
  assert.is(sum(scored.map(({ bits }) => bits)) / 39, evaluation!.bitsPerToken);
});

for (const kind of kinds) {
  test(`${kind}: bits, rank and top are those of the softmax of each step`, async () => {
    const made = model(kind, 2, 'float64');
    let state = made.zeroState();
    let previous: Token = -1;
    for (const { token, bits, rank, top } of await through(tokens(30), surprisal(made, { topK: 3 }))) {
      const next = made.step(previous, state);
      const probabilities = Array.from(softmax(next.output.data));
      const order = probabilities.map((_, i) => i).toSorted((a, b) => probabilities[b]! - probabilities[a]!);
      assert.ok(Math.abs(bits + Math.log2(probabilities[token]!)) < 1e-12);
      assert.is(order[rank - 1], token);
      assert.equal(
        top.map((one) => one.token),
        order.slice(0, 3),
      );
      for (const one of top) assert.ok(Math.abs(one.probability - probabilities[one.token]!) < 1e-12);
      state = next.state;
      previous = token;
    }
  });
}

test('of equal logits the lower token has the better rank and the earlier place', async () => {
  const scored = await through([0, 1, 2, 3], surprisal(constantModel([1, 2, 2, 1]), { topK: 4 }));
  assert.equal(
    scored.map(({ rank }) => rank),
    [3, 1, 2, 4],
  );
  assert.equal(
    scored[0]!.top.map(({ token }) => token),
    [1, 2, 0, 3],
  );
});

const amounts: [number | undefined, number][] = [
  [undefined, 0],
  [0, 0],
  [2, 2],
  [SIZE + 5, SIZE],
];
for (const [topK, count] of amounts) {
  test(`topK ${topK} gives ${count} candidates`, async () => {
    const [first] = await through([1], surprisal(model(), topK === undefined ? {} : { topK }));
    assert.is(first!.top.length, count);
  });
}

test('it continues from a state and the token after it', async () => {
  const made = model('gru on an embedding');
  const text = tokens(20);
  let state = made.zeroState();
  for (const token of [-1, ...text.slice(0, 7)]) ({ state } = made.step(token, state));
  const rest = await through(text.slice(8), surprisal(made, { initialState: state, previous: text[7]! }));
  assert.equal(rest, (await through(text, surprisal(made))).slice(8));
});

test('reset starts from the beginning after a token', async () => {
  const made = model();
  const [one, two] = [
    [1, 2, 6],
    [3, 4, 6, 5],
  ] as const;
  const options: SurprisalOptions = { reset: (token) => token === 6 };
  assert.equal(await through([...one, ...two], surprisal(made, options)), [
    ...(await through(one, surprisal(made))),
    ...(await through(two.slice(0, 3), surprisal(made))),
    ...(await through([5], surprisal(made))),
  ]);
});

test('after a reset without a token before the first, the first is not scored again', async () => {
  const options = { previous: null, reset: (token: Token) => token === 6 };
  const scored = await through([1, 2, 6, 3, 4], surprisal(model(), options));
  assert.equal(
    scored.map(({ token }) => token),
    [2, 6, 4],
  );
});

marbles('reset$ starts from the beginning between two tokens', ({ cold, expectObservable }) => {
  const made = constantModel([0, 0]);
  made.weights.tensors.get('linear.weight')!.data.fill(1);
  made.weights.tensors.get('linear.weight')!.data.fill(0, 0, 3);
  const text = '  -a-b---a-b-|';
  const reset = ' -----r------';
  const result = '-a-b---a-b-|';
  const bits: Record<string, number> = {};
  cold('-a-b|', { a: 0, b: 1 })
    .pipe(surprisal(made))
    .subscribe((scored) => (bits['ab'[scored.token]!] = scored.bits));
  const source = cold(text, { a: 0, b: 1 });
  const scored$ = source.pipe(
    surprisal(made, { reset$: cold(reset) }),
    map((scored) => scored.bits === bits['ab'[scored.token]!]),
  );
  expectObservable(scored$).toBe(result, { a: true, b: true });
});

test('weights that come change what follows and nothing before; no token is lost or doubled', async () => {
  const [one, two] = [model('rnn', 1), model('rnn', 2)];
  const text = tokens(30);
  const weights$ = new Subject<ReturnType<typeof stateDict>>();
  const without = await through(text, surprisal(one));
  let count = 0;
  const swapped = await through(text, (text$) =>
    text$.pipe(
      map((token) => {
        if (count++ === 12) weights$.next(stateDict(two));
        return token;
      }),
      surprisal(one, { weights$ }),
    ),
  );
  assert.equal(
    swapped.map(({ token }) => token),
    text,
  );
  assert.equal(swapped.slice(0, 12), without.slice(0, 12));
  let state = one.zeroState();
  for (const token of [-1, ...text.slice(0, 11)]) ({ state } = one.step(token, state));
  const rest = await through(text.slice(12), surprisal(two, { initialState: state, previous: text[11]! }));
  assert.equal(swapped.slice(12), rest);
});

test('weights that are there at the start hold from the first token; the model itself is not touched', async () => {
  const [one, two] = [model('rnn', 1), model('rnn', 2)];
  const before = stateDict(one);
  const weights$ = new BehaviorSubject(stateDict(two));
  const text = tokens(10);
  assert.equal(await through(text, surprisal(one, { weights$ })), await through(text, surprisal(two)));
  assert.equal([...stateDict(one)], [...before]);
});

test('weights that follow are rounded where those of the model are, and tied where they are', async () => {
  const size = { inputSize: SIZE, outputSize: SIZE, bias: false };
  const made = (seed: number, options: ModelOptions) =>
    sequential({ read: linear(size), write: linear(size) }, { random: seeded(seed), ...options });
  const text = tokens(20);
  for (const options of [{ weights: 'bfloat16' }, { weightTying: { 'write.weight': 'read.weight' } }] as const) {
    const next = stateDict(made(2, { ...options, weights: undefined }));
    const expected = made(1, options);
    loadStateDict(expected, next);
    const scored = await through(text, surprisal(made(1, options), { weights$: of(next) }));
    assert.equal(scored, await through(text, surprisal(expected)));
  }
});

marbles('the result outlives the end of weights$, and fails with its error', ({ cold, expectObservable }) => {
  const made = constantModel([0, 0]);
  const token = (): ReturnType<typeof cold<number>> => cold('-a-a-|', { a: 0 });
  const values = { a: { token: 0, bits: 1, rank: 1, top: [] } };
  expectObservable(token().pipe(surprisal(made, { weights$: cold('--|') }))).toBe('-a-a-|', values);
  expectObservable(token().pipe(surprisal(made, { weights$: cold('--#') }))).toBe('-a#', values);
  expectObservable(token().pipe(surprisal(made, { reset$: cold('--#') }))).toBe('-a#', values);
});

marbles('everything it subscribed to is left with it', ({ cold, expectObservable, expectSubscriptions }) => {
  const made = constantModel([0, 0]);
  const text = cold('   -a-a-a', { a: 0 });
  const weights = cold('--------');
  const scored$ = text.pipe(surprisal(made, { weights$: weights as never }), take(2));
  expectObservable(scored$).toBe('-a-(a|)', { a: { token: 0, bits: 1, rank: 1, top: [] } });
  expectSubscriptions(text.subscriptions).toBe('   ^--!');
  expectSubscriptions(weights.subscriptions).toBe('^--!');
});

test('two subscriptions that interleave do not touch each other', async () => {
  const made = model();
  const [left, right] = [tokens(15, 1), tokens(15, 2)];
  const [left$, right$] = [new Subject<Token>(), new Subject<Token>()];
  const operate = surprisal(made);
  const found: unknown[][] = [[], []];
  left$.pipe(operate).subscribe((scored) => found[0]!.push(scored));
  right$.pipe(operate).subscribe((scored) => found[1]!.push(scored));
  left.forEach((token, i) => {
    left$.next(token);
    right$.next(right[i]!);
  });
  assert.equal(found, [await through(left, surprisal(made)), await through(right, surprisal(made))]);
});

test('it never calls model.step', async () => {
  const made: Model = { ...model(), step: () => assert.unreachable('model.step was called') as never };
  assert.is((await through(tokens(5), surprisal(made))).length, 5);
});

for (const [token, message] of [
  [SIZE, 'surprisal: token 7 at index 0 is outside the vocabulary of 7'],
  [-1, 'surprisal: token -1 at index 0 is outside the vocabulary of 7'],
  [1.5, 'surprisal: token 1.5 at index 0 is outside the vocabulary of 7'],
] as const) {
  for (const previous of [-1, null]) {
    test(`refused where the token before is ${previous}: ${message}`, () => {
      let found = '';
      of(token)
        .pipe(surprisal(model(), { previous }))
        .subscribe({ error: (error: Error) => (found = error.message) });
      assert.is(found, message);
    });
  }
}

for (const topK of [-1, 1.5, NaN, Infinity]) {
  test(`refused: topK ${topK}`, () =>
    assert.throws(
      () => surprisal(model(), { topK }),
      (error: Error) => error.message.includes(`surprisal: topK must be an integer from 0 up, got ${topK}`),
    ));
}

for (const [logits, where] of [
  [[0, NaN], 'the output of layer linear is not finite'],
  [[0, -Infinity], 'the output of layer linear is not finite'],
] as const) {
  test(`refused: logits ${logits.join(', ')}`, () => {
    let found = '';
    of(1)
      .pipe(surprisal(constantModel(logits)))
      .subscribe({ error: (error: Error) => (found = error.message) });
    assert.is(found, `surprisal: the surprisal of a token is not finite: ${where}`);
  });
}

test.run();
