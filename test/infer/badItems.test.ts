import { concat, from, of, type OperatorFunction, throwError } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  burst,
  classify,
  generateByKey,
  generateText,
  gru,
  lanes,
  linear,
  mix,
  type Model,
  predictThenLearn,
  predictThenLearnByKey,
  pull,
  sequences,
  sequential,
  stateDict,
  step,
  surprisal,
  surprisalByKey,
  surprisalBySequence,
  windows,
} from '../../src/index.js';
import { collected } from '../learn/support.js';
import { model, SIZE } from './models.js';

/** A model of rows of one number. */
const rowModel = (): Model =>
  sequential({ gru: gru({ inputSize: 1, hiddenSize: 3 }), linear: linear({ inputSize: 3, outputSize: 1 }) });
const optimizer = (): ReturnType<typeof adam> => adam({ learningRate: 0.01 });

/** The error that one item is, without `onInvalid`. */
function errorOf(operator: unknown, item: unknown): Error {
  const { error } = collected(of(item).pipe(operator as OperatorFunction<unknown, unknown>));
  assert.instance(error, Error);
  return error!;
}

for (const [item, shown] of [
  [5, '5'],
  [true, 'true'],
  [{}, '{}'],
  [null, 'null'],
  [undefined, 'undefined'],
  ['abc', '"abc"'],
] as const) {
  test(`surprisalBySequence and classify refuse ${shown}, which is not a sequence`, () => {
    assert.is(
      errorOf(surprisalBySequence(model()), item).message,
      `surprisalBySequence: sequence 0 must be a list of tokens, got ${shown}`,
    );
    assert.is(
      errorOf(classify(model()), item).message,
      `classify: sequence 0 must be a list of tokens or of rows of numbers, got ${shown}`,
    );
  });
}

test('a length without tokens is refused at its first token, before anything is copied', () => {
  const message = 'surprisalBySequence: sequence 0: token undefined at index 0 is outside the vocabulary of 7';
  assert.is(errorOf(surprisalBySequence(model()), { length: 1e9 }).message, message);
  for (const length of [1, 1e9]) {
    assert.is(
      errorOf(classify(model()), { length }).message,
      'classify: the token at index 0 of sequence 0 must be an integer, got undefined',
    );
  }
  assert.match(
    errorOf(classify(model()), [null]).message,
    /^classify: row 0 of sequence 0 must be a list of numbers, got null/,
  );
  assert.match(
    errorOf(classify(rowModel()), [[1], undefined]).message,
    /^classify: row 1 of sequence 0 must have 1 numbers, as those before, got undefined/,
  );
});

/** What comes of good items with bad ones among them, and the reasons of these. */
function among(
  read: (onInvalid: (invalid: { readonly reason: string }) => void) => unknown,
  items: readonly unknown[],
): { readonly results: number; readonly reasons: readonly string[]; readonly error: Error | undefined } {
  const reasons: string[] = [];
  const operator = read(({ reason }) => void reasons.push(reason)) as OperatorFunction<unknown, unknown>;
  const { values, error } = collected(from(items).pipe(operator));
  return { results: values.length, reasons, error };
}

test('what is not an item is the error of that item alone, with onInvalid', () => {
  const [a, b] = [
    { key: 'a', token: 1 },
    { key: 'b', token: 2 },
  ];
  for (const [name, read] of [
    ['surprisalByKey', (onInvalid: never) => surprisalByKey(model(), { onInvalid })],
    [
      'predictThenLearnByKey',
      (onInvalid: never) => predictThenLearnByKey(model(), { optimizer: optimizer(), onInvalid }),
    ],
  ] as const) {
    const { results, reasons, error } = among(read as never, [a, null, { token: 1 }, 'ab', { ...a, token: 1n }, b]);
    assert.is(error, undefined, name);
    assert.is(results, 2);
    assert.equal(reasons.slice(0, 3), [
      `${name}: what comes in must be a key with a token, got null`,
      `${name}: what comes in must be { key, token }, got {"token":1}`,
      `${name}: what comes in must be a key with a token, got "ab"`,
    ]);
    assert.match(reasons[3]!, /1n/);
  }
  const generate = among(
    (onInvalid) => generateByKey(model(), { onInvalid }),
    [{ prompt: [1] }, { key: 'a', maxTokens: 1, stop: 7 }],
  );
  assert.equal(generate.reasons, [
    'generateByKey: what comes in must be { key, prompt }, got {"prompt":[1]}',
    'generateByKey: stop must be an integer from 0 to 6, got 7',
  ]);
  const sequence = (item: { readonly tokens: number[] }): number[] => item.tokens;
  for (const read of [surprisalBySequence, classify]) {
    const options = (onInvalid: never) => read(model(), { sequence, onInvalid } as never);
    const { results, reasons, error } = among(options as never, [{ tokens: [1] }, null, {}, { tokens: [2] }]);
    assert.is(error, undefined);
    assert.is(results, 2);
    assert.is(reasons.length, 2);
    assert.match(reasons[1]!, /^\w+: sequence 2 must be a list of tokens.*, got undefined/);
  }
});

test('without onInvalid it is an error by name', () => {
  const learn = predictThenLearnByKey(model(), { optimizer: optimizer() });
  assert.is(errorOf(learn, null).message, 'predictThenLearnByKey: what comes in must be a key with a token, got null');
  assert.is(
    errorOf(learn, { token: 1 }).message,
    'predictThenLearnByKey: what comes in must be { key, token }, got {"token":1}',
  );
  assert.match(
    errorOf(generateByKey(model()), { prompt: [1] }).message,
    /^generateByKey: what comes in must be \{ key, prompt \}/,
  );
  assert.is(
    errorOf(burst({ interval: 1 }), null).message,
    'burst: event 0 must be an object with a key and a time, got null',
  );
  const mixing = mix({ models: 1, vocabSize: 2 });
  assert.is(
    errorOf(mixing, null).message,
    'mix: item 0 must be an object with a token and a list of distributions, got null',
  );
  assert.is(
    errorOf(mixing, { token: 0, distributions: [null] }).message,
    'mix: a distribution must have 2 probabilities, got none in distribution 0 of item 0',
  );
});

test('mix refuses a distribution of zeros', () => {
  const { error } = collected(
    of({
      token: 0,
      distributions: [
        [0.5, 0.5],
        [0, 0],
      ],
    }).pipe(mix({ models: 2, vocabSize: 2 })),
  );
  assert.is(error?.message, 'mix: all probabilities of distribution 1 of item 0 are 0');
});

for (const bad of [[1e300], [Number.MAX_VALUE], [NaN], [1, 2], null]) {
  test(`a row ${JSON.stringify(bad)} is the error of that row, and the others are those of a stream without it`, () => {
    const rows = Array.from({ length: 60 }, (_, i) => [Math.sin(i)]);
    const learn = (onInvalid?: () => void) =>
      predictThenLearn(rowModel(), { optimizer: optimizer(), head: 'value', steps: 4, onInvalid });
    const reasons: unknown[] = [];
    const mixed = [...rows.slice(0, 30), bad as number[], ...rows.slice(30)];
    const { values, error } = collected(from(mixed).pipe(learn((...given: unknown[]) => void reasons.push(...given))));
    assert.is(error, undefined);
    assert.is(reasons.length, 1);
    assert.equal(values, collected(from(rows).pipe(learn())).values);
    assert.match(collected(from(mixed).pipe(learn())).error!.message, /^predictThenLearn: .*row 30/);

    const keyed = mixed.map((row) => ({ key: 'a', row }));
    const byKey = among(
      (onInvalid) => predictThenLearnByKey(rowModel(), { optimizer: optimizer(), head: 'value', steps: 4, onInvalid }),
      keyed,
    );
    assert.equal([byKey.error, byKey.results, byKey.reasons.length], [undefined, 59, 1]);
  });
}

test('numbers just below the limit are learned from', () => {
  const rows = Array.from({ length: 60 }, (_, i) => [i === 30 ? 9e16 : i === 31 ? -9e16 : Math.sin(i)]);
  const { values, error } = collected(
    from(rows).pipe(predictThenLearn(rowModel(), { optimizer: optimizer(), head: 'value', steps: 4 })),
  );
  assert.is(error, undefined);
  assert.is(values.length, 59);
});

test('predictThenLearn learns its rest where its source fails, as where it completes', () => {
  const failure$ = throwError(() => new Error('cut'));
  const tokens = [1, 2, 3, 4, 5, 6, 1];
  const rows = tokens.map((x) => [x / 7]);
  for (const [make, learn, items] of [
    [() => model(), (it: Model) => predictThenLearn(it, { optimizer: optimizer(), steps: 4 }), tokens],
    [rowModel, (it: Model) => predictThenLearn(it, { optimizer: optimizer(), steps: 4, head: 'value' }), rows],
  ] as const) {
    const weightsAfter = (ends$: unknown): string => {
      const it = make();
      const operator = learn(it) as OperatorFunction<unknown, unknown>;
      const { error } = collected(
        ends$ === failure$ ? concat(from(items), failure$).pipe(operator) : from(items).pipe(operator),
      );
      assert.is(error?.message, ends$ === failure$ ? 'cut' : undefined);
      return JSON.stringify([...stateDict(it).values()].map(({ data }) => [...data]));
    };
    assert.is(weightsAfter(failure$), weightsAfter(undefined));
  }
});

for (const [token, shown] of [
  [1n, '1n'],
  [Symbol('s'), 'Symbol(s)'],
] as const) {
  test(`a token ${shown} is refused by name`, () => {
    const tokens = [0, token] as never[];
    for (const [who, operator] of [
      ['windows', windows({ steps: 1 })],
      ['step', step(model())],
      ['surprisal', surprisal(model())],
      ['predictThenLearn', predictThenLearn(model(), { optimizer: optimizer() })],
    ] as const) {
      const { error } = collected(from(tokens).pipe(operator as OperatorFunction<number, unknown>));
      assert.match(error!.message, new RegExp(`^${who}: .*${shown.replace(/[()]/g, '\\$&')}`));
    }
    assert.is(
      errorOf(sequences({ end: 0 }), tokens).message,
      `sequences: the token at index 1 of sequence 0 must be an integer, got ${shown}`,
    );
    assert.match(
      errorOf(classify(model()), tokens).message,
      /^classify: the token at index 1 of sequence 0 must be an integer/,
    );
    assert.match(
      collected(pull(lanes([...tokens, 1, 2], 1))).error!.message,
      /^lanes: the token at index 1 must be an integer/,
    );
    assert.throws(
      () => generateText(model(), { prompt: tokens }),
      (error: Error) =>
        error.message.includes(`generateText: the token at index 1 of the prompt must be an integer, got ${shown}`),
    );
    assert.throws(
      () => generateText(model(), { previous: token as never }),
      (error: Error) => error.message.includes(`generateText: previous must be a token or null, got ${shown}`),
    );
  });
}

for (const stop of [SIZE, -1, 1.5, NaN]) {
  test(`generateText and generateByKey refuse a stop of ${stop}`, () => {
    const message = `stop must be an integer from 0 to ${SIZE - 1}, got ${stop}`;
    assert.throws(
      () => generateText(model(), { stop }),
      (error: Error) => error.message.includes(`generateText: ${message}`),
    );
    assert.is(errorOf(generateByKey(model()), { key: 'a', stop }).message, `generateByKey: ${message}`);
  });
}

test('generateText refuses a stop that is neither a token, a text nor a function', () => {
  assert.throws(
    () => generateText(model(), { stop: {} as never }),
    /^generateText: stop must be a token, a text or a function/,
  );
});

test.run();
