// Learns to forecast columns of a CSV: `npx tsx pipelines/forecast.ts --data sales.csv --columns units --horizon 14`.
import { identity, lastValueFrom, shareReplay, take, tap, toArray } from 'rxjs';
import {
  bundledFile,
  forecast,
  progress,
  pull,
  scale,
  scaling as findScaling,
  type Scaling,
  visible,
} from '../src/index.js';
import { amount } from './cli/amount.js';
import { checkOverwrite } from './cli/checkOverwrite.js';
import { checkText } from './cli/checkText.js';
import { checkWritable } from './cli/checkWritable.js';
import { command, NO_WIDE, UsageError } from './cli/command.js';
import { interrupted } from './cli/interrupted.js';
import { print } from './cli/print.js';
import { progressLine } from './cli/progressLine.js';
import { safeJson } from './cli/safeJson.js';
import { say } from './cli/say.js';
import { suggest } from './cli/suggest.js';
import { terminalColumns } from './cli/terminalColumns.js';
import { warnUnsaved } from './cli/warnUnsaved.js';
import type { Part } from './forecast/errors.js';
import { type Evaluation, evaluation } from './forecast/evaluation.js';
import { evaluationText } from './forecast/evaluationText.js';
import { firstUnseen } from './forecast/firstUnseen.js';
import { type FitStep, forecaster, type ForecasterStep } from './forecast/forecaster.js';
import { FORECASTER, loadForecaster, type SavedForecaster, saveForecaster } from './forecast/forecasterFile.js';
import { forecastText } from './forecast/forecastText.js';
import { readSeries } from './forecast/readSeries.js';
import { rowMarks } from './forecast/rowMarks.js';
import { splitRows } from './forecast/splitRows.js';

const SEASON = 24; // rows, where nothing else is known

/** The options that only learning has. */
const OF_LEARNING = ['horizon', 'split', 'context', 'hidden', 'learning-rate', 'minutes', 'out', 'force', 'seed'];

await command(import.meta.url, {
  about: `Learns to forecast columns of a CSV file whose rows are evenly spaced in time: fits a linear map of the last rows,
trains a recurrent network beside it, compares both with "as before" and "as a season ago" on the last rows, and
forecasts what comes after them. Errors are mean squares of scaled numbers (mean 0, deviation 1 where it learns). With
--model it forecasts what comes after the rows of --data by what an earlier run has learned, and says how well it would
have forecast those of them that it has not learned from.`,
  saves: true,
  options: {
    data: { kind: 'text', value: 'FILE', help: 'a CSV file with a header (data/load.csv; needed for --model)' },
    columns: { kind: 'text', value: 'A,B', help: 'columns to forecast, by name (value; those of --model)' },
    horizon: { kind: 'count', help: 'rows ahead', initial: 24, most: 10_000 },
    season: { kind: 'count', help: `rows after which the series repeats itself (${SEASON}; that of --model)` },
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
    decimal: { kind: 'text', choices: ['.', ','], help: 'what separates the fraction of a number', initial: '.' },
    out: {
      kind: 'text',
      value: 'FILE',
      help: 'file to save the model in, for --model, also on Ctrl-C',
    },
    force: { kind: 'flag', help: 'overwrite the file of --out even where it holds something else', needs: 'out' },
    model: { kind: 'text', value: 'FILE', help: 'a model that --out has saved, instead of learning' },
    'no-wide': NO_WIDE,
    seed: { kind: 'seed', help: 'seed of the first weights', initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per line and nothing else' },
  },
  async run({ data = bundledFile('load.csv'), json, out, model: path, horizon, ...options }, _, typed) {
    const without = path === undefined ? undefined : OF_LEARNING.find((name) => typed.has(name));
    if (without !== undefined) throw new UsageError(`--${without}: is not for --model, which learns nothing`);
    if (path !== undefined && !typed.has('data')) {
      throw new UsageError('--model: needs --data FILE, the rows that its forecast comes after');
    }
    checkText(data, { pipes: true });
    if (out !== undefined) {
      checkWritable(out);
      if (!options.force) checkOverwrite(out, FORECASTER.job, { data });
    }
    const saved = path === undefined ? undefined : loadForecaster(path);
    const { columns, invalid, decimal } = options;
    const series = await readSeries(data, { given: columns, ofModel: saved?.columns, invalid, decimal });
    const { names, rows, times } = series;
    for (const oddity of series.oddities) say(visible(oddity));
    await (saved ? useModel(saved) : learn());

    async function learn(): Promise<void> {
      const { season = SEASON, 'learning-rate': learningRate, hidden, seed } = options;
      const [learnedTo, chosenTo, testedTo] = splitRows(options.split, rows.length, horizon);
      const context = Math.max(1, Math.min(options.context, Math.floor(learnedTo / 3) - horizon));
      const scaling = await lastValueFrom(pull(rows.slice(0, learnedTo)).pipe(findScaling()));
      const scaled = await scaledBy(scaling);
      const part = (from: number, to: number): Part => ({ rows: scaled, from, to, horizon, context });
      if (!json) {
        const parts = `${learnedTo} to learn, ${chosenTo - learnedTo} to choose by`;
        print(visible(`${data}: ${rows.length} rows, ${parts}`));
      }
      if (!json && out === undefined) warnUnsaved();
      let stopped = false;
      const kept = out === undefined ? 'nothing is saved without --out' : `saving in ${visible(out)}`;
      const stop$ = interrupted({ say: `ending with the best so far; ${kept}` }).pipe(
        take(1),
        tap(() => (stopped = true)),
        shareReplay(1),
      );
      const watching = stop$.subscribe(); // until all is saved, between its stages, too
      const { model, linear, fit, learn$ } = await forecaster({
        learned: part(0, learnedTo),
        chosen: part(learnedTo, chosenTo),
        context,
        hidden,
        learningRate,
        seconds: 60 * options.minutes,
        seed,
        stop$,
        watch: json ? identity : progress(fitText),
      });
      if (!json) print(`linear map: ${fit}; ${linear.mse.toFixed(4)} on the rows to choose by`);
      const shown$ = learn$.pipe(json ? tap((step) => console.log(JSON.stringify(step))) : progress(epochText));
      await lastValueFrom(shown$, { defaultValue: undefined });
      const early = stopped;
      const found = await evaluation(model, part(chosenTo, testedTo), season);
      const { deviation } = found.model;
      const seen = { path: data, rows: chosenTo, until: times[chosenTo - 1], marks: rowMarks(rows.slice(0, chosenTo)) };
      const learned = { model, scaling, columns: names, horizon, deviation, context, season, seen };
      const predicted = await ahead(learned);
      if (out !== undefined) {
        saveForecaster(out, learned, { stopped: early });
        if (!json) say(`model saved in ${visible(out)}`);
      }
      watching.unsubscribe();
      show(predicted, learned);
      report(found, `${testedTo - chosenTo} rows that were not learned`, horizon);
      if (json) return;
      if (out === undefined) suggest('to keep the model', 'forecast', '--data', data, '--out', 'forecast.safetensors');
      else suggest('to forecast with it from newer rows', 'forecast', '--data', data, '--model', out);
    }

    async function useModel(saved: SavedForecaster): Promise<void> {
      const { model, scaling, horizon, context, season } = saved;
      const back = Number(model.skip!.options['steps']);
      if (rows.length < back) throw new UsageError(`--model looks back ${back} rows, ${data} has ${rows.length}`);
      show(await ahead(saved), saved);
      const unseen = firstUnseen(series, saved.seen);
      const from = Math.max(unseen ?? 0, back);
      const to = rows.length;
      if (to - from < horizon) {
        const few = unseen === undefined ? `after the first ${back}` : 'after those that it has learned from';
        say(`no errors: of ${amount(horizon, 'row')} ahead they need as many rows ${few}, there are ${to - from}`);
        return;
      }
      if (unseen === undefined) say(visible(`${data}: nothing shows whether these rows are among those that it has learned from`)); // prettier-ignore
      const part = { rows: await scaledBy(scaling), from, to, horizon, context };
      const on = unseen === undefined ? `the last ${to - from} of ${to} rows` : `${to - from} rows after those that it has learned from`; // prettier-ignore
      report(await evaluation(model, part, options.season ?? season), on, horizon);
    }

    function scaledBy(scaling: Scaling): Promise<number[][]> {
      return lastValueFrom(pull(rows).pipe(scale(scaling), toArray()));
    }

    /** What comes after the rows, in their units. */
    async function ahead({ model, scaling, horizon }: SavedForecaster): Promise<Rows> {
      return (await lastValueFrom(pull(rows).pipe(forecast(model, { steps: horizon, scaling })))).predicted;
    }

    function show(predicted: Rows, { scaling, deviation }: SavedForecaster): void {
      if (json) return console.log(safeJson({ forecast: predicted, columns: names }));
      const inUnits = deviation.map((x, i) => x * scaling.spread[i % names.length]!);
      print(forecastText({ names, rows, predicted, deviation: inUnits }, terminalColumns()));
    }

    function report(found: Evaluation, on: string, horizon: number): void {
      if (!json) return print(`\nerrors of ${amount(horizon, 'row')} ahead, on ${on}:\n${evaluationText(found)}`);
      const { model, before, season, linear } = found;
      const naive = { persistence: before.mse, season: season?.mse ?? null, linear: linear.mse };
      console.log(JSON.stringify({ evaluation: { horizon, mse: model.mse, mae: model.mae, ...naive } }));
    }
  },
});

type Rows = readonly (readonly number[])[];

function fitText({ tried, of, validation }: FitStep): string {
  return `linear map ${tried} of ${of} · the best to choose by ${validation.toFixed(4)}`;
}

function epochText({ epoch, loss, validation }: ForecasterStep): string {
  const learned = loss === null ? 'nothing learned' : `learned ${loss.toFixed(4)}`;
  return progressLine([`epoch ${epoch}`, learned, `to choose by ${validation.toFixed(4)}`]);
}
