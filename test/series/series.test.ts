import { writeFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from, lastValueFrom, of, type OperatorFunction, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { saveModel } from '../../src/checkpoint/saveModel.js';
import { loadModel } from '../../src/checkpoint/loadModel.js';
import { pull } from '../../src/flow/pull.js';
import { autoregression } from '../../src/layer/autoregression.js';
import { adam } from '../../src/learn/adam.js';
import { squaredError } from '../../src/learn/squaredError.js';
import { trainer } from '../../src/learn/trainer.js';
import { linear } from '../../src/layer/linear.js';
import { gru } from '../../src/layer/gru.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import { columns } from '../../src/series/columns.js';
import { decimalNumber } from '../../src/series/decimalNumber.js';
import { leastSquares } from '../../src/series/leastSquares.js';
import { scaling } from '../../src/series/scaling.js';
import { scalingOf } from '../../src/series/scalingOf.js';
import { seriesWindows, type SeriesWindowsOptions } from '../../src/series/seriesWindows.js';
import { csv } from '../../src/source/csv.js';
import type { Window } from '../../src/types.js';

const through = <T, R>(values: Iterable<T>, operate: OperatorFunction<T, R>): Promise<R[]> =>
  lastValueFrom(from<Iterable<T>>(values).pipe(operate, toArray()));
const failure = async (work: Promise<unknown>): Promise<string> => {
  let message = 'it did not fail';
  await work.catch((error: Error) => (message = `${error.name}: ${error.message}`));
  return message;
};
const random = numpyRandom(3);
const series = (length: number, width: number): number[][] =>
  Array.from({ length }, () => Array.from({ length: width }, () => random.normal()));

test('columns takes numbers and decimal texts, in the order asked for, from objects and arrays', async () => {
  const row = Object.freeze({ a: ' -1.5e1 ', b: 2, c: 'x' });
  assert.equal(await through([row], columns('b', 'a')), [[2, -15]]);
  assert.equal(await through([[7, 8, 9]] as never[], columns(2, 0)), [[9, 7]]);
});

for (const cell of ['', ' ', 'NaN', 'Infinity', '0x10', '1,5x', '1e', null, undefined, Infinity, true]) {
  test(`columns: ${JSON.stringify(cell) ?? 'nothing'} is not a number`, async () => {
    assert.match(
      await failure(through([{ a: cell }], columns('a'))),
      /^TypeError: columns: row 0: "a" must be a number, got/,
    );
    assert.equal(await through([{ a: cell }, { a: 1 }], columns('a', { invalid: 'skip' })), [[1]]);
    assert.equal(await through([{ a: cell }, { a: 1 }, { a: cell }], columns('a', { invalid: 'carry' })), [[1], [1]]);
  });
}

for (const [cell, decimal, message] of [
  ['1,5', '.', /"1,5" has a decimal comma; \{ decimal: ',' \} reads it$/],
  [' -,5e3', '.', /has a decimal comma/],
  [
    '1,234',
    '.',
    /"1,234" has a decimal comma or a separator of thousands; as a decimal comma \{ decimal: ',' \} reads it/,
  ],
  ['1,234.5', '.', /"1,234\.5": numbers with separators of thousands are not read, write them without$/],
  ['1.234,5', '.', /"1\.234,5": numbers with separators/],
  ["-1'234'567", '.', /numbers with separators/],
  ['1 234', '.', /numbers with separators/],
  ['1\u202f234,5', ',', /numbers with separators/],
  ['1.234,5', ',', /numbers with separators/],
  [
    '1.234',
    ',',
    /has a decimal point or a separator of thousands; as a decimal point without \{ decimal: ',' \} it is read/,
  ],
  ['1.5', ',', /"1\.5" has a decimal point; without \{ decimal: ',' \} it is read$/],
] as const) {
  test(`columns: ${cell} is refused by name where ${decimal} is the decimal mark, whatever is skipped`, async () => {
    for (const invalid of ['error', 'skip', 'carry'] as const) {
      const found = await failure(through([{ a: 1 }, { a: cell }], columns('a', { invalid, decimal })));
      assert.match(found, /^RangeError: columns: row 1: "a": /);
      assert.match(found, message);
    }
  });
}

test('columns reads decimal commas with the option decimal', async () => {
  const cells = ['1,5', ' -,5e1 ', '7', '+3,', 2.5];
  const rows = cells.map((a) => ({ a }));
  assert.equal(await through(rows, columns('a', { decimal: ',' })), [[1.5], [-5], [7], [3], [2.5]]);
  assert.equal(decimalNumber('1,5', { decimal: ',' }), 1.5);
  assert.ok(Number.isNaN(decimalNumber('1e999')) && Number.isNaN(decimalNumber('')));
});

test('a cell of a million digits that is not a number is refused in linear time', async () => {
  for (const cell of [
    `${'1'.repeat(1e6)}x`,
    `${' '.repeat(1e6)}x`,
    `1${' '.repeat(1e6)}x`,
    `1e${'1'.repeat(1e6)}.`,
    `1${',111'.repeat(3e5)}x`,
  ]) {
    assert.equal(await through([{ a: cell }, { a: 1 }], columns('a', { invalid: 'skip' })), [[1]]);
  }
});

test('columns names the file and the line of a cell that is not a number', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'columns-')), 'data.csv');
  writeFileSync(path, 'a,b\n1,2\n\n"3\n",x\n');
  const numbers$ = csv(path, { columns: ['b'] }).pipe(columns('b'), toArray());
  assert.is(
    await failure(lastValueFrom(numbers$)),
    `TypeError: columns: ${path}, line 4: "b" must be a number, got "x"; { invalid: 'skip' } leaves such rows out, ` +
      `{ invalid: 'carry' } takes the number before`,
  );
});

test('scaling gives mean 0 and deviation 1, or 0 to 1, and back', async () => {
  const rows = series(500, 2).map(([a, b]) => [1e6 + 3 * a!, b! - 7, 4]);
  for (const by of ['deviation', 'range'] as const) {
    const [found] = await through(rows, scaling({ by }));
    const scaled = rows.map((row) => found!.scale(row));
    for (let d = 0; d < 2; d++) {
      const column = scaled.map((row) => row[d]!);
      const mean = column.reduce((sum, x) => sum + x, 0) / column.length;
      const square = column.reduce((sum, x) => sum + x * x, 0) / column.length;
      if (by === 'deviation') assert.ok(Math.abs(mean) < 1e-9 && Math.abs(square - 1) < 1e-9, `${mean} ${square}`);
      else assert.equal([Math.min(...column), Math.max(...column)], [0, 1]);
    }
    assert.equal([found!.spread[2], scaled[0]![2]], [1, 0]);
    for (const [i, row] of rows.entries()) {
      found!.unscale(scaled[i]!).forEach((x, d) => assert.ok(Math.abs(x - row[d]!) < 1e-9 * Math.abs(row[d]!)));
    }
  }
});

const refused: [() => unknown, string][] = [
  [() => columns(), 'TypeError: columns: needs the name of at least one column, got none'],
  [
    () => columns('a', { invalid: 'drop' as 'skip' }),
    'RangeError: columns: invalid must be one of error, skip, carry, got "drop"',
  ],
  [() => scalingOf({ centre: [1], spread: [0] }), 'RangeError: scalingOf: spread must be positive numbers, got 0'],
  [
    () => scalingOf({ centre: [1], spread: [1, 2] }),
    'RangeError: scalingOf: centre and spread must have the same length, got 1 and 2 numbers',
  ],
  [() => seriesWindows({ steps: 0 }), 'RangeError: seriesWindows: steps must be a positive integer, got 0'],
  [
    () => seriesWindows({ steps: 3, warmup: 3 }),
    'RangeError: seriesWindows: warmup must be an integer from 0 to 2, got 3',
  ],
  [() => scalingOf({ centre: [1], spread: [1] }).scale([1, 2]), 'RangeError: scale: a row has 1 numbers, got 2'],
  [
    () => scalingOf({ centre: [-1e308], spread: [1] }).scale([1e308]),
    'RangeError: scale: number 0 of a row must stay finite when scaled, got 1e+308',
  ],
  [
    () => scalingOf({ centre: [0, 0], spread: [1, 1e-320] }).scale([1, -1], 7),
    'RangeError: scale: number 1 of row 7 must stay finite when scaled, got -1',
  ],
  [
    () => scalingOf({ centre: [0], spread: [1e308] }).unscale([1, 2]),
    'RangeError: unscale: number 1 of a row must stay finite when unscaled, got 2',
  ],
  [
    () => scalingOf({ centre: [0], spread: [1] }).unscale([NaN]),
    'RangeError: unscale: number 0 of a row must be finite, got NaN',
  ],
];
for (const [make, message] of refused) {
  test(`refused: ${message}`, () => {
    assert.throws(make, (error: Error) => `${error.name}: ${error.message}` === message);
  });
}

const windowsOf = (length: number, options: SeriesWindowsOptions): Promise<Window[]> =>
  through(
    Array.from({ length }, (_, i) => [i, -i]),
    seriesWindows(options),
  );

test('seriesWindows: each target is the next rows, whatever the cut', async () => {
  for (const steps of [1, 2, 3]) {
    for (const horizon of [1, 2, 4]) {
      for (const stride of [1, 2, 3, 5]) {
        for (const lanes of [1, 2, 3]) {
          for (const { inputs, targets, ...window } of await windowsOf(17, { steps, horizon, stride, lanes })) {
            for (let r = 0; r < window.steps * window.lanes; r++) {
              const at = inputs[2 * r]!;
              for (let h = 0; h < horizon; h++) {
                const place = 2 * (r * horizon + h);
                assert.equal([targets[place], targets[place + 1]], [at + 1 + h, -(at + 1 + h)]);
              }
            }
          }
        }
      }
    }
  }
});

test('seriesWindows: one lane with the stride of its steps is a stream, cut anywhere: every target once', async () => {
  for (const steps of [1, 2, 3, 7, 100]) {
    const windows = await windowsOf(18, { steps, horizon: 2 });
    assert.equal(
      windows.flatMap(({ inputs }) => [...inputs].filter((_, i) => i % 2 === 0)),
      Array.from({ length: 16 }, (_, i) => i),
    );
    assert.equal(
      windows.map(({ resets }) => resets?.[0]),
      windows.map((_, i) => (i === 0 ? 1 : undefined)),
    );
  }
});

for (const [options, rows, needs] of [
  [{ steps: 20 }, 1, '1 + horizon = 2'],
  [{ steps: 2, horizon: 3 }, 3, '1 + horizon = 4'],
  [{ steps: 20, stride: 1 }, 20, 'steps + horizon = 21'],
  [{ steps: 3, horizon: 2, lanes: 4 }, 4, 'steps + horizon = 5'],
] as const) {
  test(`seriesWindows: ${rows} rows are too few for ${JSON.stringify(options)}, one more is not`, async () => {
    assert.is(
      await failure(through(series(rows, 1), seriesWindows(options))),
      `RangeError: seriesWindows: a window needs at least ${needs} rows, the series has ${rows}`,
    );
    assert.is((await through(series(rows + 1, 1), seriesWindows(options))).length, 1);
  });
}

test('seriesWindows: a series without rows completes without a window', async () => {
  assert.equal(await through([], seriesWindows({ steps: 2 })), []);
});

test('seriesWindows: others are examples, each of which resets; warm-up hides targets', async () => {
  const windows = await windowsOf(9, { steps: 3, stride: 2, lanes: 2, warmup: 2 });
  assert.equal(
    windows.map(({ lanes, inputs, resets, targetMask }) => [
      lanes,
      [...inputs].filter((_, i) => i % 2 === 0).map(Math.abs),
      [...resets!],
      [...targetMask!],
    ]),
    [
      [2, [0, 2, 1, 3, 2, 4], [1, 1], [0, 0, 0, 0, 1, 1]],
      [1, [4, 5, 6], [1], [0, 0, 1]],
    ],
  );
});

test('leastSquares finds the map of an exact recurrence', async () => {
  const rows = [[1], [2], [0.5]];
  // x[t+1] = x + 0.3 + 0.5 (x[t−1] − x) − 0.25 (x[t−2] − x)
  for (let t = 2; t < 60; t++) {
    const [a, b, c] = [rows[t]![0]!, rows[t - 1]![0]!, rows[t - 2]![0]!];
    rows.push([a + 0.3 + 0.5 * (b - a) - 0.25 * (c - a) + (t % 7 === 0 ? 1e-9 : 0)]);
  }
  const [found] = await through(rows, leastSquares({ steps: 2, ridge: 0 }));
  [0.5, -0.25, 0.3].forEach((x, i) => {
    assert.ok(Math.abs([...found!.weight.data, ...found!.bias.data][i]! - x) < 1e-6);
  });
});

test('leastSquares solves the equations of all windows, as summed one by one', async () => {
  const rows = series(80, 2);
  const [steps, horizon, ridge] = [4, 3, 2];
  const [found] = await through(rows, leastSquares({ steps, horizon, ridge }));
  // the slope of the penalised squared error is 0 at the least
  for (let d = 0; d < 2; d++) {
    for (let h = 0; h < horizon; h++) {
      const w = [...found!.weight.data].slice((d * horizon + h) * steps, (d * horizon + h + 1) * steps);
      const b = found!.bias.data[d * horizon + h]!;
      const slope = w.map((weight, k) => (ridge * (k + 1) * weight) / steps);
      let atBias = 0;
      for (let t = steps; t + horizon < rows.length; t++) {
        const last = rows[t]![d]!;
        const features = w.map((_, k) => rows[t - 1 - k]![d]! - last);
        const error = last + b + features.reduce((sum, x, k) => sum + w[k]! * x, 0) - rows[t + 1 + h]![d]!;
        features.forEach((x, k) => (slope[k]! += error * x));
        atBias += error;
      }
      for (const number of [...slope, atBias]) assert.ok(Math.abs(number) < 1e-8, `${number}`);
    }
  }
});

for (const offset of [1e8, 1.7e12]) {
  test(`leastSquares: rows around ${offset} have the map of those around 0`, async () => {
    const random = numpyRandom(3);
    let x = 0;
    const around0 = Array.from({ length: 2000 }, () => Math.round((x = 0.8 * x + random.normal()) * 1024) / 1024);
    const fit = async (by: number) =>
      (
        await through(
          around0.map((x) => [x + by]),
          leastSquares({ steps: 2, ridge: 0 }),
        )
      )[0]!;
    const [near, far] = [await fit(0), await fit(offset)];
    for (const name of ['weight', 'bias'] as const) {
      for (const [i, number] of far[name].data.entries()) {
        assert.ok(Math.abs(number - near[name].data[i]!) < 1e-9, `${name} ${i}: ${number}, ${near[name].data[i]}`);
      }
    }
  });
}

test('leastSquares refuses rows whose products overflow', async () => {
  const rows = Array.from({ length: 20 }, (_, i) => [(i % 3) * 1e200]);
  await through(rows, leastSquares({ steps: 2 })).then(
    () => assert.unreachable(),
    (error: Error) =>
      assert.is(error.message, 'leastSquares: products of the rows are not finite; scale the rows first'),
  );
});

test('leastSquares: shrink holds columns to the shared map, entirely where it is infinite', async () => {
  const rows = series(200, 2);
  const weights = async (shrink: number): Promise<number[]> => {
    const [found] = await through(rows, leastSquares({ steps: 3, shrink }));
    return [...found!.weight.data];
  };
  const apart = (w: number[]): number => Math.max(...w.slice(0, 3).map((x, k) => Math.abs(x - w[k + 3]!)));
  const [own, some, much, all] = [await weights(1e-9), await weights(100), await weights(1e6), await weights(Infinity)];
  assert.ok(apart(own) > apart(some) && apart(some) > apart(much) && apart(much) > 0);
  assert.is(apart(all), 0);
});

test('columns whose squares no number holds are refused; those that do not change are not', async () => {
  const said = async (numbers: readonly number[], by: 'deviation' | 'range'): Promise<string> => {
    let found = 'nothing';
    const rows = numbers.map((x) => [0, x]);
    await through(rows, scaling({ by })).catch((error: Error) => (found = error.message));
    return found;
  };
  const message = (what: string, by: string): string =>
    `scaling: the numbers of column 1 are too ${what} for their ${by}; change their unit`;
  assert.is(await said([1e160, -1e160], 'deviation'), message('far apart', 'deviation'));
  assert.is(await said([1.5e308, -1.5e308], 'deviation'), message('far apart', 'deviation'));
  assert.is(await said([1.5e308, -1.5e308], 'range'), message('far apart', 'range'));
  assert.is(await said([1e-170, 3e-170], 'deviation'), message('near each other', 'deviation'));
  assert.is(await said([1e-170, 3e-170], 'range'), 'nothing');
  for (const x of [1.5e308, 5e-324, 0, -0]) assert.is(await said([x, x, x], 'deviation'), 'nothing');
});

test('a scaling is kept in the model file', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'scaling-')), 'model.safetensors');
  const model = sequential({ map: autoregression({ inputSize: 2, steps: 3 }) });
  const kept = scalingOf({ centre: [1 / 3, -2e9], spread: [1e-7, 5] });
  saveModel(path, model, { scaling: kept });
  const { scaling: read } = loadModel(path);
  assert.equal([read!.centre, read!.spread], [kept.centre, kept.spread]);
});

test('a run over a series resumes with the same bits', async () => {
  const rows = series(60, 2);
  const build = () =>
    sequential(
      { gru: gru({ inputSize: 2, hiddenSize: 4 }), linear: linear({ inputSize: 4, outputSize: 4 }) },
      {
        skip: autoregression({ inputSize: 2, steps: 3, horizon: 2 }),
      },
    );
  const windows = await through(rows, seriesWindows({ steps: 5, horizon: 2 }));
  const options = () => ({ optimizer: adam({ learningRate: 0.01 }), loss: squaredError() });
  const whole = build();
  pull(windows).pipe(trainer(whole, options()).learn).subscribe();
  const first = build();
  const run = trainer(first, options());
  of(...windows.slice(0, 4))
    .pipe(run.learn)
    .subscribe();
  const second = build();
  of(...windows.slice(4))
    .pipe(trainer(second, { ...options(), resumeFrom: run.state() }).learn)
    .subscribe();
  assert.equal([...stateDict(second)], [...stateDict(whole)]);
});

test.run();
