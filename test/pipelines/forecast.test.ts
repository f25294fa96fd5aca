import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstValueFrom, lastValueFrom, ReplaySubject, tap, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { errorsOf, naiveErrors } from '../../pipelines/forecast/errors.js';
import {
  type FitStep,
  type Forecaster,
  forecaster,
  type ForecasterOptions,
} from '../../pipelines/forecast/forecaster.js';
import { evaluationText } from '../../pipelines/forecast/evaluationText.js';
import { firstUnseen } from '../../pipelines/forecast/firstUnseen.js';
import { picture } from '../../pipelines/forecast/picture.js';
import { afterMarked, rowMarks } from '../../pipelines/forecast/rowMarks.js';
import { readSeries, type Series } from '../../pipelines/forecast/readSeries.js';
import { bundledFile, loadModel } from '../../src/index.js';
import { assertRefused, emptyFolder, type Ran, runScript, runShell } from './runScript.js';

const names = bundledFile('models/names.safetensors');
const load = fileURLToPath(new URL('../../data/load.csv', import.meta.url));

const folder = emptyFolder();
const path = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const numbers = (rows: number): string => `t,x\n${Array.from({ length: rows }, (_, i) => `${i},${i % 7}\n`).join('')}`;

test('learns, says how well, forecasts in the units of the data and saves the model with its scaling', async () => {
  const folder = emptyFolder();
  const args = [
    '--data',
    load,
    '--columns',
    'value,temperature',
    '--horizon',
    '6',
    '--context',
    '48',
    '--minutes',
    '0.05',
  ];
  const { status, stdout, stderr } = await runScript(
    'forecast.ts',
    [...args, '--json', '--out', 'm.safetensors'],
    folder,
  );
  assert.is(status, 0, stderr);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { evaluation } = lines.at(-1);
  assert.equal(Object.keys(evaluation).slice(0, 5), ['horizon', 'mse', 'mae', 'persistence', 'season']);
  assert.is(evaluation.horizon, 6);
  assert.ok(evaluation.mse < evaluation.season && evaluation.mse < evaluation.persistence, stdout);
  const { forecast, columns } = lines.at(-2);
  assert.equal(columns, ['value', 'temperature']);
  assert.is(forecast.length, 6);
  assert.ok(forecast.every(([value]: number[]) => value! > 30 && value! < 130));
  const { scaling, model } = loadModel(join(folder, 'm.safetensors'));
  assert.is(scaling!.size, 2);
  assert.is(model.outputSize, 12);

  const withModel = (...args: string[]): Promise<Ran> =>
    runScript('forecast.ts', ['--model', 'm.safetensors', ...args], folder);
  const again = await withModel('--data', load, '--json');
  // of its own file it scores the rows that it was tested on, to the same digits
  assert.equal([again.status, again.stderr, again.stdout], [0, '', `${stdout.trim().split('\n').slice(-2).join('\n')}\n`]); // prettier-ignore
  const [header, ...rows] = readFileSync(load, 'utf8').trim().split('\n');
  writeFileSync(join(folder, 'new.csv'), [header!.replace('value', 'kW'), ...rows.slice(0, 100)].join('\n'));
  const next = await withModel('--data', 'new.csv', '--columns', 'kW,temperature');
  const few = 'no errors: of 6 rows ahead they need as many rows after those that it has learned from, there are 0\n';
  assert.equal([next.status, next.stderr], [0, few]);
  assert.match(
    next.stdout,
    /^\nkW: · what came, █ what is predicted, ░ ± 1\.645 root mean square errors on the test rows\n/,
  );
  assert.is(next.stdout.match(/█ what is predicted/g)!.length, 2);
  for (const [args, message] of [
    [
      ['--data', 'new.csv', '--columns', 'kW'],
      /--columns must be as many as those of --model, value,temperature, got kW\n$/,
    ],
    [['--data', 'new.csv'], /there is no column "value"/],
    [
      ['--data', path('short.csv', 'value,temperature\n1,2\n')],
      /: --model looks back \d+ rows, \S+short\.csv has 1\n$/,
    ],
    [['--horizon', '3'], /: --horizon: is not for --model, which learns nothing\n$/],
  ] as const) {
    const { status, stdout, stderr } = await withModel(...args);
    assert.equal([status, stdout], [2, '']);
    assert.match(stderr, message);
  }
});

test('what comes after the rows that a model has seen: by times, by texts, by the number of rows of the same file', () => {
  const of = (times: readonly string[], path = 'new.csv'): Series => {
    return { path, names: ['x'], rows: Array.from({ length: 4 }, () => [0]), times, oddities: [] };
  };
  const days = ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04'];
  const unseen = (series: Series, until?: string): number | undefined =>
    firstUnseen(series, { path: 'old.csv', rows: 3, until });
  assert.equal(
    [
      unseen(of(days), '2026-01-02'),
      unseen(of(days), '2026-01-02 12:00'),
      unseen(of(days), '2025-12-31'),
      unseen(of(days), '2026-02-01'),
      unseen(of(days), '1767312000'), // seconds, of January 2
      unseen(of(['1767225600000', '1767312000000', '1767398400000', '1767484800000']), '2026-01-02'),
      unseen(of(['a', 'b', 'c', 'd']), 'c'),
      unseen(of(['a', 'b', 'c', 'd']), 'e'),
      unseen(of([])),
      unseen(of([], './old.csv')),
    ],
    [2, 2, 0, 4, 2, 2, 3, undefined, undefined, 3],
  );
});

test('rows are known again by their numbers, but for those that hardly vary', () => {
  const rows = Array.from({ length: 3000 }, (_, i) => [Math.sin(i * i), i % 5]);
  const marks = rowMarks(rows.slice(0, 2500));
  assert.ok(marks.length > 500 && marks.length < 2000, `${marks.length}`);
  const after = (from: number, to: number): number | undefined => afterMarked(rows.slice(from, to), marks, 2500);
  assert.equal(
    [after(0, 2600), after(2400, 3000), after(0, 399), after(2300, 2450), after(2500, 3000)],
    [2500, 100, 399, 150, undefined],
  );
  const still = Array.from({ length: 40 }, () => [0, 0]);
  assert.equal([rowMarks(still), afterMarked(rows.slice(0, 15), marks, 2500)], [[], undefined]);
});

test('--model scores newer rows beside the simple forecasts, and says on which', async () => {
  const folder = emptyFolder();
  const [header, ...rows] = readFileSync(load, 'utf8').trim().split('\n');
  const write = (name: string, lines: readonly string[], first = header!): void =>
    writeFileSync(join(folder, name), [first, ...lines].join('\n'));
  write('old.csv', rows.slice(0, 1000));
  write('new.csv', rows.slice(700, 1200));
  const timeless = rows.map((row) => row.split(',')[1]!);
  write('timeless.csv', timeless.slice(700, 1200), 'value');
  const small = ['--horizon', '3', '--context', '30', '--minutes', '0.02', '--season', '12'];
  await runScript('forecast.ts', ['--data', 'old.csv', ...small, '--out', 'm'], folder);
  const use = (...args: string[]): Promise<Ran> => runScript('forecast.ts', ['--model', 'm', ...args], folder);
  const newer = await use('--data', 'new.csv');
  assert.match(newer.stdout, /\nerrors of 3 rows ahead, on 400 rows after those that it has learned from:\n/);
  assert.match(newer.stdout, /^this model +[\d. ]+\nlinear map alone +[\d. ]+\nas before +[\d. ]+\nas a season ago/m);
  const known = await use('--data', 'timeless.csv');
  assert.match(known.stdout, /, on 400 rows after those that it has learned from:\n/);
  write('learned.csv', timeless.slice(0, 399), 'value');
  const learned = await use('--data', 'learned.csv');
  assert.match(learned.stderr, /^no errors: .* after those that it has learned from, there are 0\n$/);
  write('timeless.csv', timeless.slice(800, 1300), 'value');
  const json = await use('--data', 'timeless.csv', '--json', '--season', '24');
  assert.match(json.stderr, /^timeless\.csv: nothing shows whether these rows are among those/);
  const { evaluation } = JSON.parse(json.stdout.trim().split('\n').at(-1)!);
  const { scaling, provenance } = loadModel(join(folder, 'm'));
  assert.is(provenance!['season'], 12);
  const back = loadModel(join(folder, 'm')).model.skip!.options['steps'] as number;
  const scaled = timeless.slice(800, 1300).map((text) => [(Number(text) - scaling!.centre[0]!) / scaling!.spread[0]!]);
  const part = { rows: scaled, from: back, to: 500, horizon: 3, context: 0 };
  for (const [found, period] of [
    [evaluation.persistence, 1],
    [evaluation.season, 24],
  ] as const) {
    assert.ok(Math.abs(found / naiveErrors(part, period)!.mse - 1) < 1e-5);
  }
  assert.match((await use('--data', 'timeless.csv')).stdout, /, on the last \d+ of 500 rows:\n/);
});

test('decimal commas are refused by name, and read with --decimal ,', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `2026-01-01 00:${String(i).padStart(2, '0')};${i % 5},5\n`);
  const data = path('komma.csv', `t;x\n${rows.join('')}`);
  const args = ['--data', data, '--columns', 'x', '--horizon', '2', '--season', '5', '--minutes', '0.01', '--json'];
  for (const invalid of ['error', 'skip']) {
    const message = /komma\.csv, line 2: "x": "0,5" has a decimal comma; --decimal , reads it\n$/;
    await assertRefused('forecast.ts', [...args, '--invalid', invalid], message);
  }
  const { rows: read } = await readSeries(data, { given: 'x', ofModel: undefined, decimal: ',' });
  assert.equal(read.slice(0, 3), [[0.5], [1.5], [2.5]]);
});

test('names of columns are compared without the blanks around them', async () => {
  const data = path('blanks.csv', 't, value ,x\n2026-01-01,1,a\n2026-01-02,2,b\n');
  const { names, rows, times } = await readSeries(data, { given: undefined, ofModel: undefined });
  assert.equal([names, rows, times], [['value'], [[1], [2]], ['2026-01-01', '2026-01-02']]);
});

test('--model needs rows of its own: it is not used on those of the package', async () => {
  await assertRefused('forecast.ts', ['--model', names], /: --model: needs --data FILE, the rows that its forecast/);
});

test('--model refuses what --out has not saved', async () => {
  await assertRefused(
    'forecast.ts',
    ['--model', names, '--data', load],
    /names\.safetensors is not a model of forecasts; `rxrnn forecast --out FILE` makes one \(it lacks/,
  );
});

const wave = Array.from({ length: 300 }, (_, i) => [Math.sin(i / 3) + Math.sin(i * i)]);
const learning = (rows: number, seconds: number, more: Partial<ForecasterOptions> = {}): Promise<Forecaster> =>
  forecaster({
    learned: { rows: wave, from: 0, to: rows, horizon: 1, context: 4 },
    chosen: { rows: wave, from: rows, to: rows + 40, horizon: 1, context: 4 },
    context: 4,
    hidden: 2,
    learningRate: 1e-12, // the network gives nothing, so that the errors stay those of the linear map
    seconds,
    seed: 0,
    ...more,
  });

test('the loss of an epoch is the mean over the rows that are learned, not over the first ones', async () => {
  const { model, learn$ } = await learning(80, 60);
  const { loss } = await firstValueFrom(learn$);
  const { mse } = await errorsOf(model, { rows: wave, from: 33, to: 80, horizon: 1, context: 32 });
  assert.ok(Math.abs(loss! - mse) < 1e-6 * mse, `${loss} ${mse}`);
});

test('of a short series all rows are learned that have a past', async () => {
  const { model, learn$, fit } = await learning(20, 60);
  assert.match(fit, /^4 rows back/);
  const { loss } = await firstValueFrom(learn$);
  const { mse } = await errorsOf(model, { rows: wave, from: 4, to: 20, horizon: 1, context: 32 });
  assert.ok(Math.abs(loss! - mse) < 1e-6 * mse, `${loss} ${mse}`);
});

test('an epoch learns, however late it begins', async () => {
  const { learn$ } = await learning(80, 1e-9);
  const steps = await lastValueFrom(learn$.pipe(toArray()));
  assert.is(steps.length, 1);
  assert.ok(steps[0]!.loss !== null);
});

test('the fitting of the linear map is shown and can be ended: with the best so far, or before the first', async () => {
  const stopAfter = async (fits: number): Promise<[seen: FitStep[], learned: number]> => {
    const stop$ = new ReplaySubject<void>(1);
    const seen: FitStep[] = [];
    const watch = tap((step: FitStep) => {
      if (seen.push(step) === fits) stop$.next();
    });
    if (fits === 0) stop$.next();
    const { learn$ } = await learning(80, 60, { stop$, watch });
    return [seen, (await lastValueFrom(learn$.pipe(toArray()))).length];
  };
  const [seen, learned] = await stopAfter(2);
  assert.equal([seen.length, learned], [2, 0]);
  assert.equal([seen[1]!.tried, seen[1]!.of], [2, 9]);
  assert.ok(seen[1]!.validation <= seen[0]!.validation);
  const [all] = await stopAfter(9);
  assert.is(all.length, 9);
  const error = await stopAfter(0).catch((reason: unknown) => (reason as Error).message);
  assert.is(error, 'ended before the first linear map was fitted: nothing was learned');
});

test('Ctrl-C is heard while the linear map is fitted: the best so far is saved, and that is said', async () => {
  const rows = Array.from({ length: 4000 }, (_, i) => `${i},${Math.sin(i)},${Math.cos(i)}\n`);
  const long = path('long.csv', `t,x,y\n${rows.join('')}`);
  const go = `$SCRIPT --data ${long} --columns x,y --context 1300 --season 7 --out m >o 2>e & p=$!`;
  const until = 'for i in $(seq 600); do grep -qs "linear map 1" e && break; sleep 0.1; done; kill -INT $p; wait $p; echo $?; cat e; grep -c stopped m'; // prettier-ignore
  const { stdout } = await runShell('forecast.ts', `${go}; ${until}`);
  assert.match(stdout, /^0\nlinear map 1 of 18 .*\n\nending with the best so far; saving in m; Ctrl-C again/);
  assert.match(stdout, /\nmodel saved in m\n1\n$/);
  assert.not.match(stdout, /epoch/);
});

test('the time to learn begins when it is subscribed to', async () => {
  const { learn$ } = await learning(80, 60);
  const now = performance.now.bind(performance);
  performance.now = () => now() + 3_600_000; // an hour later
  try {
    assert.ok((await firstValueFrom(learn$)).loss !== null);
  } finally {
    performance.now = now;
  }
});

test('at the fewest rows that it takes, it learns', async () => {
  const data = path('few.csv', numbers(15));
  const args = ['--data', data, '--columns', 'x', '--horizon', '1', '--season', '2'];
  const { status, stdout, stderr } = await runScript('forecast.ts', args);
  assert.is(status, 0, stderr);
  assert.match(stdout + stderr, /^epoch 1 · learned \d\.\d+ · to choose by/m);
  assert.match(stdout, /░ ± 1\.645 root mean square errors on the test rows/);
});

test('as before and as a season ago are scored over the same forecasts', () => {
  const rows = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1].map((x) => [x]);
  const part = { rows, from: 6, to: 10, horizon: 2, context: 4 };
  assert.equal(naiveErrors(part, 1), { mse: 0.5, mae: 0.5 });
  assert.equal(naiveErrors(part, 2), { mse: 0, mae: 0 });
  assert.is(naiveErrors({ ...part, to: 7 }, 2), undefined);
});

test('the picture has what came, what is predicted and the band', () => {
  const drawn = picture({ name: 'x', past: [0, 1, 2], forecast: [2, 1], band: [1, 1], bandName: '± 2', rows: 4 });
  assert.equal(drawn.split('\n'), [
    'x: · what came, █ what is predicted, ░ ± 2',
    '     3.000 ┤   │░',
    '           ┤  ·│█░',
    '           ┤ · │░█',
    '     0.000 ┤·  │ ░',
  ]);
});

for (const width of [30, 40, 41, 80, 200]) {
  test(`the picture fits into ${width} columns`, () => {
    const rows = Array.from({ length: 100 }, (_, i) => i);
    const bandName = '± 1.645 root mean square errors on the test rows';
    const drawn = picture({ name: 'x', past: rows, forecast: rows.slice(0, 33), band: rows, bandName, width });
    const lines = drawn.split('\n');
    assert.ok(
      lines.every((line) => line.length < width),
      drawn,
    );
    assert.ok(lines.every((line, i) => i < lines.length - 12 || line.includes('│')));
  });
}

for (const [what, args, message] of [
  ['a missing file', ['--data', 'none.csv'], /^forecast\.ts: none\.csv: there is no such file\n$/],
  [
    'a missing column',
    ['--data', path('a.csv', numbers(99)), '--columns', 'y'],
    /there is no column "y", only "t", "x"\n$/,
  ],
  [
    'a cell without a number',
    ['--data', path('b.csv', 'x\n1\nno\n'), '--columns', 'x'],
    /^forecast\.ts: .*b\.csv, line 3: "x" must be a number, got "no"; --invalid skip leaves such rows out, --invalid carry /,
  ],
  [
    'a column twice',
    ['--data', load, '--columns', 'value,value'],
    /--columns must be different names, got value,value\n$/,
  ],
  ['a split of words', ['--data', load, '--split', 'a,b,c'], /--split must be three positive integers such as/],
  [
    'a split of too many rows',
    ['--data', load, '--split', '9000,1,1'],
    /--split needs 9002 rows, the file has 2016\n$/,
  ],
  [
    'too few rows',
    ['--data', path('c.csv', numbers(129)), '--columns', 'x'],
    /--horizon 24 needs at least 130 rows, the file has 129\n$/,
  ],
  [
    'no column that is named',
    ['--data', path('e.csv', numbers(9))],
    /--columns: name those to forecast, of "t", "x"\n$/,
  ],
  ['one row', ['--data', path('d.csv', numbers(1)), '--columns', 'x'], /needs at least 130 rows, the file has 1\n$/],
  [
    'a split of too few rows',
    ['--data', load, '--split', '77,30,30'],
    /--horizon 24 needs more rows than 77 to learn, 30 to choose by and 30 to test on\n$/,
  ],
  ['an unknown option', ['--colour'], /^forecast\.ts: Unknown option '--colour'; --help lists the options\n$/],
] as const) {
  test(`refuses ${what}`, () => assertRefused('forecast.ts', args, message));
}

test('semicolons; what is wrong with the times and the rows, and what is better than the model, are said', async () => {
  const day = (i: number): string => new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10);
  const rows = Array.from({ length: 60 }, (_, i) => `${day(i === 50 ? 2 : i)};${i === 20 ? '' : i % 5}\n`);
  const data = path('days.csv', `day;x\n${rows.join('')}`);
  const args = ['--columns', 'x', '--horizon', '2', '--season', '5', '--minutes', '0.01'];
  const skipped = await runScript('forecast.ts', ['--data', data, ...args, '--invalid', 'skip']);
  assert.is(skipped.status, 0, skipped.stderr);
  assert.match(skipped.stderr, /^day goes back once: sort the rows by time/m);
  assert.match(skipped.stderr, /^1 row without a number was left out: those after them move up; --invalid carry/m);
  const carried = await runScript('forecast.ts', ['--data', data, ...args, '--invalid', 'carry']);
  assert.match(carried.stdout, /^next: -?[\d.]+(?:e-\d+)?, -?[\d.]+(?:e-\d+)?$/m);
  assert.match(carried.stdout, /errors of 2 rows ahead/);
  assert.match(carried.stdout, /^these rows repeat those of a season ago: "as a season ago" predicts them without/m);
});

test('which forecast is the one to use', () => {
  const errors = (mse: number) => ({ mse, mae: mse, deviation: [], quarters: [] });
  const verdict = (model: number, linear: number, before: number, season?: number): string =>
    evaluationText({
      model: errors(model),
      linear: errors(linear),
      before: errors(before),
      season: season === undefined ? undefined : errors(season),
    }).split('\n').at(-1)!; // prettier-ignore
  assert.match(verdict(0, 0, 0), /^nothing changes in these rows/);
  assert.match(verdict(0.1, 0.2, 1, 0), /^these rows repeat those of a season ago/);
  assert.is(verdict(2, 2, 1, 3), '"as before" is at least as good here: this model is not worth its work');
  assert.is(verdict(2, 2, 3, 1), '"as a season ago" is at least as good here: this model is not worth its work');
  assert.match(verdict(1, 1, 3), /^the linear map alone is as good/);
  assert.is(verdict(1, 2, 4), 'this model is the best of them, 50.0 % below the next');
});

test('of columns that never change it is said that they predict themselves', async () => {
  const constant = path('constant.csv', `t,x,y\n${Array.from({ length: 60 }, (_, i) => `${i},5,${i % 7}\n`).join('')}`);
  const args = ['--data', constant, '--horizon', '2', '--season', '7', '--minutes', '0.01'];
  const { status, stdout, stderr } = await runScript('forecast.ts', [...args, '--columns', 'x']);
  assert.is(status, 0, stderr);
  assert.match(stderr, /^x is 5 in all rows: a column that never changes predicts itself, leave it out$/m);
  assert.match(stdout, /^next: 5\.0000, 5\.0000$/m);
  assert.match(stdout, /^nothing changes in these rows: "as before" predicts them without a model$/m);
  const { oddities } = await readSeries(constant, { given: 'x,y', ofModel: undefined });
  assert.equal(oddities.length, 1);
});

test.run();
