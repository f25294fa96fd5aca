// Learns to forecast columns of a CSV: `npx tsx pipelines/forecast.ts --data sales.csv --columns units --horizon 14`.
import { lastValueFrom, takeUntil, tap, toArray } from 'rxjs';
import {
  bundledFile,
  columns as takeColumns,
  csv,
  forecast,
  progress,
  pull,
  scale,
  scaling as findScaling,
  visible,
} from '../src/index.js';
import { checkOverwrite } from './cli/checkOverwrite.js';
import { checkReadable } from './cli/checkReadable.js';
import { amount } from './cli/amount.js';
import { checkWritable } from './cli/checkWritable.js';
import { command, UsageError } from './cli/command.js';
import { csvHead } from './cli/csvHead.js';
import { interrupted } from './cli/interrupted.js';
import { safeJson } from './cli/safeJson.js';
import { terminalColumns } from './cli/terminalColumns.js';
import { suggest } from './cli/suggest.js';
import { timeOrder } from './cli/timeOrder.js';
import { errorsOf, naiveErrors, type Part } from './forecast/errors.js';
import { forecaster, type ForecasterStep } from './forecast/forecaster.js';
import { loadForecaster, type SavedForecaster, saveForecaster } from './forecast/forecasterFile.js';
import { picture } from './forecast/picture.js';

/** Nine of ten draws of a normal distribution are within so many deviations. */
const NINETY = 1.645;

const LEVEL = 1.002; // errors that differ by less are the same
const MOST_NUMBERS = 12; // of a forecast, beside its picture

/** The options that only learning has. */
const OF_LEARNING = [
  'horizon',
  'season',
  'split',
  'context',
  'hidden',
  'learning-rate',
  'minutes',
  'out',
  'force',
  'seed',
];

await command(import.meta.url, {
  about: `Learns to forecast columns of a CSV file whose rows are evenly spaced in time: fits a linear map of the last rows,
trains a recurrent network beside it, compares both with "as before" and "as a season ago" on the last rows, and
forecasts what comes after them. Errors are mean squares of scaled numbers (mean 0, deviation 1 where it learns). With
--model it forecasts what comes after the rows of --data by what an earlier run has learned.`,
  saves: true,
  options: {
    data: { kind: 'text', value: 'FILE', help: 'a CSV file with a header (data/load.csv)' },
    columns: { kind: 'text', value: 'A,B', help: 'columns to forecast, by name (value; those of --model)' },
    horizon: { kind: 'count', help: 'rows ahead', initial: 24, most: 10_000 },
    season: { kind: 'count', help: 'rows after which the series repeats itself', initial: 24 },
    split: {
      kind: 'text',
      value: 'N,N,N',
      help: 'rows to learn from, to choose by and to test on; by default 60 %, 20 % and 20 % of the rows',
    },
    context: { kind: 'count', help: 'rows that the linear map looks back', initial: 336, most: 10_000 },
    hidden: { kind: 'count', help: 'size of the network', initial: 32, most: 4096 },
    'learning-rate': { kind: 'number', help: 'learning rate', initial: 0.001 },
    minutes: { kind: 'number', help: 'the longest that the network learns', initial: 2 },
    invalid: {
      kind: 'text',
      choices: ['error', 'skip', 'carry'],
      help: 'a cell without a number: an error, its row is skipped, or the number before is taken',
      initial: 'error',
    },
    out: {
      kind: 'text',
      value: 'FILE',
      help: 'file to save the model in, for --model, also on Ctrl-C while the network learns',
    },
    force: { kind: 'flag', help: 'overwrite the file of --out even where it holds something else' },
    model: { kind: 'text', value: 'FILE', help: 'a model that --out has saved, instead of learning' },
    seed: { kind: 'seed', help: 'seed of the first weights', initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per line and nothing else' },
  },
  async run({ data = bundledFile('load.csv'), json, out, model: path, horizon, ...options }, _, typed) {
    const without = path === undefined ? undefined : OF_LEARNING.find((name) => typed.has(name));
    if (without !== undefined) throw new UsageError(`--${without}: is not for --model, which learns nothing`);
    checkReadable(data);
    if (out !== undefined) {
      checkWritable(out);
      if (!options.force) checkOverwrite(out, { data });
    }
    const saved = path === undefined ? undefined : loadForecaster(path);
    const head = csvHead(data);
    const names = namesOf(options.columns, saved?.columns, head.names);
    const { invalid } = options;
    const timeColumn = head.names.find((name) => name !== '' && !names.includes(name)); // if it has times
    const order = timeColumn === undefined ? undefined : timeOrder(timeColumn, { even: true });
    let read = 0;
    const row$ = csv(data, {
      columns: timeColumn === undefined ? names : [...names, timeColumn],
      delimiter: head.delimiter,
    }).pipe(
      tap((row) => {
        read += 1;
        if (timeColumn !== undefined) order?.add(row[timeColumn]!);
      }),
      takeColumns(...names, { invalid }),
      toArray(),
    );
    const rows = await lastValueFrom(row$).catch((error: unknown) => {
      throw inOptions(error);
    });
    const complaint = order?.complaint();
    if (complaint !== undefined) console.error(visible(complaint));
    if (rows.length < read && invalid === 'skip') {
      const left = amount(read - rows.length, 'row without a number was', 'rows without a number were');
      console.error(`${left} left out: those after them move up; --invalid carry keeps the rows even`);
    }
    if (saved) {
      const back = Number(saved.model.skip?.options['steps'] ?? 1);
      if (rows.length < back) {
        throw new UsageError(`--model looks back ${back} rows, ${data} has ${rows.length}`);
      }
      return show(await ahead(saved), saved);
    }
    const [learnedTo, chosenTo, testedTo] = splitOf(options.split, rows.length, horizon);
    const context = Math.max(1, Math.min(options.context, Math.floor(learnedTo / 3) - horizon));
    const scaling = await lastValueFrom(pull(rows.slice(0, learnedTo)).pipe(findScaling()));
    const scaled = await lastValueFrom(pull(rows).pipe(scale(scaling), toArray()));
    const part = (from: number, to: number): Part => ({ rows: scaled, from, to, horizon, context });
    const tested = part(chosenTo, testedTo);

    if (!json) {
      console.log(`${visible(data)}: ${rows.length} rows, ${learnedTo} to learn, ${chosenTo - learnedTo} to choose by`);
    }
    const { model, linear, fit, learn$ } = await forecaster({
      learned: part(0, learnedTo),
      chosen: part(learnedTo, chosenTo),
      context,
      hidden: options.hidden,
      learningRate: options['learning-rate'],
      seconds: 60 * options.minutes,
      seed: options.seed,
    });
    if (!json) console.log(`linear map: ${fit}; ${figure(linear.mse)} on the rows to choose by`);
    const map = await errorsOf(model, tested); // the network beside it gives nothing yet
    const line = ({ epoch, loss, validation }: ForecasterStep): string =>
      `epoch ${epoch} · ${loss === null ? 'nothing learned' : `learned ${figure(loss)}`} · to choose by ${figure(validation)}`;
    let stopped = false;
    const shown$ = learn$.pipe(
      json ? tap((step) => console.log(JSON.stringify(step))) : progress(line),
      takeUntil(interrupted({ say: 'ending with the best weights so far' }).pipe(tap(() => (stopped = true)))),
    );
    await lastValueFrom(shown$, { defaultValue: undefined });

    const errors = await errorsOf(model, tested);
    const persistence = naiveErrors(tested, 1)!;
    const season = naiveErrors(tested, options.season);
    const learned = { model, scaling, columns: names, horizon, deviation: errors.deviation };
    const predicted = await ahead(learned);
    if (out !== undefined) {
      saveForecaster(out, learned, { data, rows: rows.length, stopped });
      if (!json) console.error(`model saved in ${visible(out)}`);
    }
    show(predicted, learned);
    if (json) {
      const { mse, mae } = errors;
      const naive = { persistence: persistence.mse, season: season?.mse ?? null };
      console.log(JSON.stringify({ evaluation: { horizon, mse, mae, ...naive, linear: map.mse } }));
      return;
    }
    console.log(`\nerrors of ${amount(horizon, 'row')} ahead, on ${testedTo - chosenTo} rows that were not learned:`);
    console.log(`${''.padEnd(18)}${'mean square'.padStart(12)}${'mean'.padStart(10)}`);
    for (const [what, found] of [
      ['this model', errors],
      ['linear map alone', map],
      ['as before', persistence],
      ['as a season ago', season],
    ] as const) {
      if (found) console.log(`${what.padEnd(18)}${figure(found.mse).padStart(12)}${figure(found.mae).padStart(10)}`);
    }
    console.log(verdict(errors.mse, map.mse, [persistence.mse, season?.mse]));
    if (out === undefined) suggest('to keep the model', 'forecast', '--data', data, '--out', 'forecast.safetensors');
    else suggest('to forecast with it from newer rows', 'forecast', '--data', data, '--model', out);

    /** What comes after the rows, in their units. */
    async function ahead({ model, scaling, horizon }: SavedForecaster): Promise<Rows> {
      return (await lastValueFrom(pull(rows).pipe(forecast(model, { steps: horizon, scaling })))).predicted;
    }

    /** Prints a forecast, with a picture of each column. */
    function show(predicted: Rows, { scaling, horizon, deviation }: SavedForecaster): void {
      if (json) return console.log(safeJson({ forecast: predicted, columns: names }));
      for (const [d, name] of names.entries()) {
        const band = predicted.map((_, h) => NINETY * deviation[h * names.length + d]! * scaling.spread[d]!);
        const past = rows.slice(-Math.max(3 * horizon, 48)).map((row) => row[d]!);
        const ahead = predicted.map((row) => row[d]!);
        const bandName = `± ${NINETY} root mean square errors on the test rows`;
        const width = terminalColumns();
        console.log(`\n${picture({ name: visible(name), past, forecast: ahead, band, bandName, width })}`);
        const more = ahead.length > MOST_NUMBERS ? `, … (all ${ahead.length} with --json)` : '';
        console.log(`next: ${ahead.slice(0, MOST_NUMBERS).map((x) => x.toPrecision(5)).join(', ')}${more}`); // prettier-ignore
      }
    }
  },
});

type Rows = readonly (readonly number[])[];

/** The columns to read: as many as those of a model, where there is one. */
function namesOf(
  given: string | undefined,
  before: readonly string[] | undefined,
  header: readonly string[],
): readonly string[] {
  const names = given?.split(',').map((name) => name.trim()) ?? before ?? ['value'];
  if (given === undefined && before === undefined && header.length > 0 && !header.includes('value')) {
    throw new UsageError(
      `--columns: name those to forecast, of ${header.map((name) => JSON.stringify(name)).join(', ')}`,
    );
  }
  if (new Set(names).size < names.length || names.includes('')) {
    throw new UsageError(`--columns must be different names, got ${names.join(',')}`);
  }
  if (!before || names.length === before.length) return names;
  throw new UsageError(`--columns must be as many as those of --model, ${before.join(',')}, got ${names.join(',')}`);
}

/** The ends of the rows to learn from, to choose by and to test on. */
function splitOf(given: string | undefined, rows: number, horizon: number): [number, number, number] {
  const fewest = 3 * (horizon + 2); // to learn from
  const needed = 5 * (horizon + 2); // 60 % of which are the fewest
  if (given === undefined && rows < needed) {
    throw new UsageError(`--horizon ${horizon} needs at least ${needed} rows, the file has ${rows}`);
  }
  const counts = given?.split(',').map(Number) ?? [Math.floor(rows * 0.6), Math.floor(rows * 0.2)];
  if (given === undefined) counts.push(rows - counts[0]! - counts[1]!);
  if (counts.length !== 3 || !counts.every((count) => Number.isSafeInteger(count) && count > 0)) {
    throw new UsageError(`--split must be three positive integers such as 600,200,200, got ${given}`);
  }
  const [learned, chosen, tested] = counts as [number, number, number];
  const all = learned + chosen + tested;
  if (all > rows) throw new UsageError(`--split needs ${all} rows, the file has ${rows}`);
  if (learned < fewest || chosen < horizon + 1 || tested < horizon + 1) {
    throw new UsageError(
      `--horizon ${horizon} needs more rows than ${learned} to learn, ${chosen} to choose by and ${tested} to test on`,
    );
  }
  return [learned, learned + chosen, all];
}

/** An error of the library as this script's user reads it: with its options. */
function inOptions(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  const message = error.message
    .replace(/^columns: /, '')
    .replace(/\{ invalid: '(\w+)' \}/g, (_, policy: string) => `--invalid ${policy}`);
  return new UsageError(message);
}

/** Which of the forecasts is the one to use, where that is not this model. */
function verdict(model: number, linear: number, [before, season]: readonly [number, number | undefined]): string {
  const simple = Math.min(before, season ?? Infinity);
  if (simple <= model) {
    return `"${simple < before ? 'as a season ago' : 'as before'}" is at least as good here: this model is not worth its work`;
  }
  if (linear <= model * LEVEL) return 'the linear map alone is as good: the network adds nothing here';
  return `this model is the best of them, ${(100 * (1 - model / Math.min(linear, simple))).toFixed(1)} % below the next`;
}

function figure(x: number): string {
  return x.toFixed(4);
}
