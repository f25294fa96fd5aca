// Learning on streams of rows, forecasts, keyed learning, and what is unusual among errors.
import { from, Subject } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anomalyLikelihood } from '../../src/infer/anomalyLikelihood.js';
import { forecast } from '../../src/infer/forecast.js';
import type { RowHead } from '../../src/infer/rowHead.js';
import { predictThenLearn } from '../../src/infer/predictThenLearn.js';
import { predictThenLearnByKey } from '../../src/infer/predictThenLearnByKey.js';
import type { Session } from '../../src/infer/checkSession.js';
import { surprisalByKey } from '../../src/infer/surprisalByKey.js';
import { tailSurprisal } from '../../src/infer/tailSurprisal.js';
import { autoregression } from '../../src/layer/autoregression.js';
import { gru } from '../../src/layer/gru.js';
import { linear } from '../../src/layer/linear.js';
import { adam } from '../../src/learn/adam.js';
import { gaussianNll } from '../../src/learn/gaussianNll.js';
import { quantileLoss } from '../../src/learn/quantileLoss.js';
import { sgd } from '../../src/learn/sgd.js';
import { squaredError } from '../../src/learn/squaredError.js';
import { train } from '../../src/learn/train.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import { marbles } from '../../src/record/marbles.js';
import { scalingOf } from '../../src/series/scalingOf.js';
import { seriesWindows } from '../../src/series/seriesWindows.js';
import type { Token } from '../../src/types.js';
import { show } from '../../src/check/show.js';
import { model, through, tokens } from './models.js';

const random = numpyRandom(8);
const series = (length: number, width = 2): number[][] =>
  Array.from({ length }, (_, t) =>
    Array.from({ length: width }, (_, d) => Math.sin(t / (3 + d)) + 0.1 * random.normal()),
  );
const network = (outputs: number, dtype: 'float32' | 'float64' = 'float64'): Model =>
  sequential(
    { gru: gru({ inputSize: 2, hiddenSize: 5 }), linear: linear({ inputSize: 5, outputSize: outputs }) },
    { dtype, random: numpyRandom(4) },
  );
const weightsOf = (made: Model): unknown => [...stateDict(made)];
const scaling = scalingOf({ centre: [10, -3], spread: [2, 0.5] });
const inUnits = (rows: readonly number[][]): number[][] => rows.map((row) => scaling.unscale(row));

const heads: readonly (readonly [RowHead, number, () => ReturnType<typeof squaredError>])[] = [
  ['value', 2, squaredError],
  ['gaussian', 4, gaussianNll],
  [[0.1, 0.5, 0.9], 6, () => quantileLoss({ quantiles: [0.1, 0.5, 0.9] })],
];
for (const [head, outputs, loss] of heads) {
  for (const dtype of ['float32', 'float64'] as const) {
    test(`${String(head)}, ${dtype}: it learns as train does of the same windows, to the bit`, async () => {
      const rows = series(38);
      const [streamed, trained] = [network(outputs, dtype), network(outputs, dtype)];
      const seen = await through(rows, predictThenLearn(streamed, { optimizer: adam(), head, steps: 6 }));
      const windows$ = from(rows).pipe(
        seriesWindows({ steps: 6 }),
        train(trained, { optimizer: adam(), loss: loss() }),
      );
      const steps = await through([0], () => windows$);
      assert.equal(weightsOf(streamed), weightsOf(trained));
      assert.equal(
        seen.flatMap(({ learned }) => learned?.loss ?? []),
        steps.slice(0, 6).map(({ loss }) => loss),
      );
      assert.is(seen.length, 37);
    });
  }

  test(`${String(head)}: predictions are those of forecast, in the units of the data`, async () => {
    const rows = inUnits(series(12));
    const optimizer = sgd({ learningRate: 0 });
    const seen = await through(rows, predictThenLearn(network(outputs), { optimizer, head, scaling, steps: 4 }));
    const ahead = await through(rows, forecast(network(outputs), { steps: 1, head, scaling, after: 'each' }));
    assert.equal(
      seen.map(({ predicted }) => predicted),
      ahead.slice(0, -1).map(({ predicted }) => predicted[0]),
    );
    for (const { row, predicted, error } of seen)
      assert.equal(
        error,
        row.map((x, d) => x - predicted[d]!),
      );
    assert.equal(
      seen.map(({ deviation }) => deviation),
      ahead.slice(0, -1).map(({ deviation }) => deviation?.[0]),
    );
  });
}

test('the bits of a Gaussian are its density; those of quantiles the share of the interval', async () => {
  const rows = [
    [0, 0],
    [1, -2],
  ];
  const optimizer = (): ReturnType<typeof sgd> => sgd({ learningRate: 0 });
  const fixed = (bias: number[]): Model => {
    const made = network(bias.length);
    made.weights.tensors.get('linear.weight')!.data.fill(0);
    made.weights.tensors.get('linear.bias')!.data.set(bias);
    made.kernel.weightsChanged();
    return made;
  };
  const [gaussian] = await through(
    rows,
    predictThenLearn(fixed([0.5, -1, 2 * Math.log(3), 2 * Math.log(0.5)]), {
      optimizer: optimizer(),
      head: 'gaussian',
    }),
  );
  const density = (x: number, mean: number, deviation: number): number =>
    Math.exp(-0.5 * ((x - mean) / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));
  const bits = -Math.log2(density(1, 0.5, 3)) - Math.log2(density(-2, -1, 0.5));
  assert.ok(Math.abs(gaussian!.bits! - bits) < 1e-9);
  assert.ok(gaussian!.deviation!.every((x, d) => Math.abs(x - [3, 0.5][d]!) < 1e-12));
  const [quantiles] = await through(
    rows,
    predictThenLearn(fixed([0, -1, 0.5, 0, 2, 1]), { optimizer: optimizer(), head: [0.1, 0.5, 0.9] }),
  );
  assert.ok(Math.abs(quantiles!.bits! + Math.log2(0.4) + Math.log2(0.1)) < 1e-12); // 1 in [0.5, 2), −2 below −1
  assert.equal(quantiles!.predicted, [0.5, 0]);
});

test('forecast feeds back its predictions, and leaves the state as it was', async () => {
  const rows = series(9);
  const made = network(2);
  const seen = await through(rows, forecast(made, { steps: 4, after: 'each' }));
  let state = made.zeroState();
  for (const [t, row] of rows.entries()) {
    let next = made.step(Float64Array.from(row), state);
    state = next.state;
    const expected = [[...next.output.data]];
    while (expected.length < 4) {
      next = made.step(next.output.data, next.state);
      expected.push([...next.output.data]);
    }
    assert.equal(seen[t]!.predicted, expected);
  }
});

test('forecast gives all rows of a horizon at once, and continues from its own beyond', async () => {
  const rows = series(9);
  const made = network(6);
  const [three] = await through(rows, forecast(made, { steps: 3 }));
  const [five] = await through(rows, forecast(made, { steps: 5 }));
  assert.equal(five!.predicted.slice(0, 3), three!.predicted);
  const [again] = await through([...rows, ...three!.predicted], forecast(made, { steps: 2 }));
  assert.equal(five!.predicted.slice(3), again!.predicted);
});

test('one key learns as predictThenLearn does, to the bit: tokens and rows', async () => {
  const text = tokens(53);
  const [one, other] = [model(), model()];
  const alone = await through(text, predictThenLearn(one, { optimizer: adam(), steps: 7, topK: 2 }));
  const keyed = await through(
    text.map((token) => ({ key: 'k', token })),
    predictThenLearnByKey<string>(other, { optimizer: adam(), steps: 7, topK: 2 }),
  );
  assert.equal(
    keyed.map(({ token, bits, rank, top, tokens, learned }) => [token, bits, rank, top, tokens, learned]),
    alone.map(({ token, bits, rank, top, tokens, learned }) => [token, bits, rank, top, tokens, learned]),
  );
  assert.equal(weightsOf(other), weightsOf(one));

  const rows = inUnits(series(30));
  const [first, second] = [network(4), network(4)];
  const options = { head: 'gaussian', scaling, steps: 4 } as const;
  const ofRows = await through(rows, predictThenLearn(first, { ...options, optimizer: adam() }));
  const ofKey = await through(
    rows.map((row) => ({ key: 1, row })),
    predictThenLearnByKey<number>(second, { ...options, optimizer: adam() }),
  );
  assert.equal(
    ofKey.map(({ bits, predicted, rows, learned }) => [bits, predicted, rows, learned]),
    ofRows.map(({ bits, predicted, rows, learned }) => [bits, predicted, rows, learned]),
  );
  assert.equal(weightsOf(second), weightsOf(first));
});

test('rows are those predicted, of each key, also of one that was evicted and restored', async () => {
  const left = new Map<string, Session<string, readonly number[]>>();
  const seen = await through(
    ['a', 'a', 'b', 'b', 'a', 'b', 'a'].map((key, i) => ({ key, row: [i, 1] })),
    predictThenLearnByKey<string>(network(2), {
      optimizer: adam(),
      head: 'value',
      maxSessions: 1,
      evicted: (session) => void left.set(session.key, session),
      restore: (key) => left.get(key),
    }),
  );
  assert.equal(
    seen.map(({ key, rows }) => `${key}${rows}`),
    ['a1', 'b1', 'a2', 'b2', 'a3'],
  );
});

test('without learning each key gets the bits of surprisalByKey, evicted and restored or not', async () => {
  const items = tokens(80).map((token, i) => ({ key: (i * i) % 5, token }));
  const expected = await through(items, surprisalByKey<number>(model()));
  for (const maxSessions of [1, 2, 3, 100]) {
    const left = new Map<number, Session<number>>();
    const seen = await through(
      items,
      predictThenLearnByKey<number>(model(), {
        optimizer: sgd({ learningRate: 0 }),
        maxSessions,
        evicted: (session) => void left.set(session.key, session),
        restore: (key) => left.get(key),
      }),
    );
    assert.equal(
      seen.map(({ key, token, bits }) => [key, token, bits]),
      expected.map(({ key, token, bits }) => [key, token, bits]),
    );
    assert.is(left.size, 3);
  }
});

test('every target of every key is learned once, also those of evicted sessions', async () => {
  const items = tokens(61).map((token, i) => ({ key: i % 4, token }));
  for (const maxSessions of [1, 2, 100]) {
    let updates = 0;
    const counting = sgd({ learningRate: 0.01 });
    const optimizer = {
      ...counting,
      update: (...given: Parameters<typeof counting.update>) => (updates++, counting.update(...given)),
    };
    await through(items, predictThenLearnByKey<number>(model(), { optimizer, steps: 5, maxSessions }));
    assert.ok(updates >= 61 / 5, `${updates}`);
  }
});

test('an item never has the update of the key that it evicted', async () => {
  const items = tokens(12).map((token, i) => ({ key: Math.floor(i / 3), token }));
  const seen = await through(
    items,
    predictThenLearnByKey<number>(model(), { optimizer: adam(), steps: 2, maxSessions: 1 }),
  );
  // of the three tokens of each key two are a window, and the third is a rest that the next key evicts
  assert.equal(
    seen.map(({ learned }) => learned !== undefined),
    items.map((_, i) => i % 3 === 1),
  );
});

for (const [option, value, needed] of [
  ['optimizer', {}, 'an optimizer such as adam()'],
  ['optimizer', undefined, 'an optimizer such as adam()'],
  ['dropoutRandom', Math.random, 'a generator such as seeded(0)'],
] as const) {
  test(`refused when called: ${option} ${show(value)}`, () => {
    for (const learn of [predictThenLearn, predictThenLearnByKey] as ((model: Model, given: never) => unknown)[]) {
      for (const head of [undefined, 'value'] as const) {
        const given = { optimizer: adam(), ...(head && { head }), [option]: value };
        assert.throws(
          () => learn(head ? network(2) : model(), given as never),
          (error: Error) => error.message.startsWith(`${learn.name}: ${option} must be ${needed}`),
        );
      }
    }
  });
}

test('what is not a model is refused when called', () => {
  for (const head of [undefined, 'value'] as const) {
    const given = { optimizer: adam(), ...(head && { head }) } as never;
    assert.throws(() => predictThenLearn({} as Model, given), /^predictThenLearn: model must be/);
    assert.throws(() => predictThenLearnByKey({} as Model, given), /^predictThenLearnByKey: model must be/);
  }
});

test('an item that is none of the model goes to onInvalid, and its key goes on as if it had not come', async () => {
  const good = tokens(20).map((token) => ({ key: 'k', token }));
  const bad: { readonly key: string; readonly token: Token }[] = [
    { key: 'k', token: 99 },
    { key: 'l', token: 0.5 },
  ];
  const reasons: string[] = [];
  const onInvalid = ({ reason }: { readonly reason: string }): void => void reasons.push(reason);
  const optimizer = (): ReturnType<typeof sgd> => sgd({ learningRate: 0.1 });
  const seen = await through(
    [...good.slice(0, 9), ...bad, ...good.slice(9)],
    predictThenLearnByKey<string>(model(), { optimizer: optimizer(), steps: 3, onInvalid }),
  );
  const expected = await through(good, predictThenLearnByKey<string>(model(), { optimizer: optimizer(), steps: 3 }));
  assert.equal(seen, expected);
  assert.is(reasons.length, 2);
  const rows = series(6).map((row) => ({ key: 'k', row: row }));
  const wrong: string[] = [];
  await through(
    [...rows.slice(0, 3), { key: 'k', row: [1] }, { key: 'k', row: [NaN, 1] }, ...rows.slice(3)],
    predictThenLearnByKey<string>(network(2), {
      optimizer: optimizer(),
      head: 'value',
      onInvalid: ({ reason }) => void wrong.push(reason),
    }),
  );
  assert.is(wrong.length, 2);
});

test('anomalyLikelihood is the tail of the short mean under the long distribution', async () => {
  const values = Array.from({ length: 400 }, () => Math.abs(random.normal()));
  const seen = await through(values, anomalyLikelihood({ long: 120, short: 7, minValues: 20 }));
  for (const t of [30, 150, 399]) {
    const long = values.slice(Math.max(0, t - 119), t + 1);
    const mean = long.reduce((sum, x) => sum + x, 0) / long.length;
    const deviation = Math.sqrt(long.reduce((sum, x) => sum + (x - mean) ** 2, 0) / long.length);
    const short = values.slice(t - 6, t + 1).reduce((sum, x) => sum + x, 0) / 7;
    assert.ok(Math.abs(seen[t]!.likelihood - normalShare((short - mean) / deviation)) < 1e-6);
  }
  assert.is(seen[10]!.likelihood, 0.5);
  const flat = await through(
    Array.from({ length: 300 }, () => 3),
    anomalyLikelihood(),
  );
  assert.is(flat.at(-1)!.likelihood, 0.5);
});

test('anomalyLikelihood hears what comes after an outlier has left its window, however large', async () => {
  const uniform = numpyRandom(5);
  const values = Array.from({ length: 1820 }, () => uniform.uniform());
  values.fill(5, 1800, 1810);
  const rest = await through(values.slice(810), anomalyLikelihood({ long: 1000 }));
  for (const outlier of [1e12, 1e160, -Number.MAX_VALUE]) {
    const seen = await through(values.with(500, outlier), anomalyLikelihood({ long: 1000 }));
    assert.ok(seen[1809]!.likelihood > 1 - 1e-9, `${outlier}: ${seen[1809]!.likelihood}`);
    assert.ok(Math.abs(seen[1819]!.score - rest.at(-1)!.score) < 1e-9);
    assert.ok(seen.every(({ likelihood, score }) => likelihood >= 0 && likelihood <= 1 && score >= 0 && score <= 1));
  }
});

test('anomalyLikelihood scores do not depend on the unit of the numbers', async () => {
  const values = Array.from({ length: 300 }, (_, i) => (i < 295 ? (i * 7) % 5 : 20));
  const scores = async (unit: number) =>
    (
      await through(
        values.map((x) => x * unit),
        anomalyLikelihood({ long: 200 }),
      )
    ).map(({ score }) => score);
  const expected = await scores(1);
  for (const unit of [2 ** 1000, 2 ** -1000]) {
    for (const [i, score] of (await scores(unit)).entries()) assert.ok(Math.abs(score - expected[i]!) < 1e-9, `${i}`);
  }
  // a level far away is another origin
  const [far] = (await through([...values.map((x) => x + 1e9), ...values], anomalyLikelihood({ long: 200 }))).slice(-1);
  assert.ok(Math.abs(far!.score - expected.at(-1)!) < 1e-9);
});

/** The normal distribution function, by Simpson's rule. */
function normalShare(z: number): number {
  const steps = 2000;
  const h = z / steps;
  const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(z);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 0 ? 2 : 4) * density(i * h);
  return 0.5 + (sum * h) / 3;
}

test('tailSurprisal is finite for numbers whose quotient is not', async () => {
  const values = [...Array<number>(100).fill(0), ...Array<number>(100).fill(5e-324), 1, 1, 1, 1, Number.MAX_VALUE];
  const seen = await through(values, tailSurprisal());
  assert.ok(seen.every(Number.isFinite), seen.slice(-5).join());
  assert.ok(seen[200]! > 10_000 && seen.at(-1)! > 0);
});

test('tailSurprisal counts within what was seen and goes on as the tail does beyond it', async () => {
  const values = Array.from({ length: 1000 }, (_, i) => ((i * 37) % 1000) + 1);
  const seen = await through([...values, 500.5, 1e6], tailSurprisal({ most: 1000 }));
  assert.ok(seen.slice(0, 50).every((bits) => bits === 0));
  assert.ok(Math.abs(seen[1000]! - Math.log2(1001 / 501)) < 1e-9);
  assert.ok(seen[1001]! > 100);
  // of a Pareto tail with exponent 2, one in a million is a thousand times the least
  const pareto = Array.from({ length: 5000 }, () => 1 / Math.sqrt(1 - random.uniform()));
  const [bits] = (await through([...pareto, 1000], tailSurprisal())).slice(-1);
  assert.ok(Math.abs(bits! - Math.log2(1e6)) < 4, `${bits}`);
});

const refused: [() => unknown, RegExp][] = [
  [() => forecast(network(2), { steps: 0 }), /^RangeError: forecast: steps must be a positive integer, got 0$/],
  [
    () => forecast(network(2), { steps: 1, head: [0.9, 0.1] }),
    /^RangeError: forecast: head must be value, gaussian or/,
  ],
  [
    () => predictThenLearn(network(2), { optimizer: adam(), head: 'x' as 'value' }),
    /^RangeError: predictThenLearn: head/,
  ],
  [
    () => anomalyLikelihood({ short: 9, long: 9 }),
    /^RangeError: anomalyLikelihood: short must be below long, 9, got 9$/,
  ],
];
for (const [make, message] of refused) {
  test(`refused: ${message}`, () => {
    assert.throws(make, (error: Error) => message.test(`${error.name}: ${error.message}`));
  });
}

test('a model whose outputs do not fit is refused', async () => {
  const failure = async (work: Promise<unknown>): Promise<string> => work.then(String, (error: Error) => error.message);
  const rows = series(3);
  assert.match(
    await failure(through(rows, forecast(network(3), { steps: 1 }))),
    /must give a multiple of 2, got 3 outputs/,
  );
  assert.match(
    await failure(through(rows, predictThenLearn(network(4), { optimizer: adam(), head: 'value' }))),
    /must predict the next row alone, it predicts 2$/,
  );
  const skipped = sequential({ map: autoregression({ inputSize: 1, steps: 2 }) });
  assert.match(
    await failure(through(rows, forecast(skipped, { steps: 1, scaling }))),
    /the scaling is of 2 columns, the model reads 1$/,
  );
  assert.is(await failure(through([], forecast(network(2), { steps: 1 }))), 'forecast: the series has no rows');
  assert.equal(await through([], forecast(network(2), { steps: 1, after: 'each' })), []);
});

marbles(
  'a key without items is evicted when its time has come, and what it had is learned',
  ({ cold, expectObservable }) => {
    const gone$ = new Subject<string>();
    const items = { a: { key: 'a', token: 0 }, b: { key: 'b', token: 0 } };
    const learner = model();
    const optimizer = adam();
    const before = [...learner.weights.numbers];
    expectObservable(gone$).toBe('--------b-a', { a: 'a idle 2', b: 'b idle 1' });
    cold('-a-b-a----------|', items)
      .pipe(
        predictThenLearnByKey(learner, {
          optimizer,
          steps: 9,
          idle: 5,
          evicted: ({ key, tokens }, reason) => {
            gone$.next(`${key} ${reason} ${tokens}`);
            assert.not.equal([...learner.weights.numbers], before);
          },
        }),
      )
      .subscribe();
  },
);

test.run();
