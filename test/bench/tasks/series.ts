// Forecasts of a table of numbers: `npx tsx test/bench/tasks/series.ts ETTh1.csv.gz`. What `pipelines/forecast.ts` does, for
// several horizons, beside a linear map alone, "as before" and "as a season ago".
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { from, lastValueFrom, toArray } from 'rxjs';
import { command, UsageError } from '../../../pipelines/cli/command.js';
import { errorsOf, naiveErrors, type Part } from '../../../pipelines/forecast/errors.js';
import { forecaster } from '../../../pipelines/forecast/forecaster.js';
import { columns, pull, scale, scaling } from '../../../src/index.js';

await command(import.meta.url, {
  about: `Scores forecasts of all numeric columns of FILE, CSV or CSV as gzip, by the mean squared error of scaled numbers:
rows 0-8640 to learn from, to 11520 to choose by, to 14400 to test on, as in Zhou et al., Informer, 2021.`,
  argument: 'FILE',
  options: {
    horizons: { kind: 'text', value: 'N,N', help: 'rows ahead', initial: '1,24,96,336' },
    season: { kind: 'count', help: 'rows after which the series repeats itself', initial: 24 },
    split: { kind: 'text', value: 'N,N,N', help: 'rows of the three parts', initial: '8640,2880,2880' },
    minutes: { kind: 'number', help: 'the longest that each network learns', initial: 3 },
    seed: { kind: 'seed', help: 'seed of the first weights', initial: 0 },
  },
  async run({ horizons, season, split, minutes, seed }, file) {
    if (file === undefined) throw new UsageError('a file is needed');
    const bytes = readFileSync(file);
    const [header, ...lines] = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes)
      .toString('utf8')
      .trim()
      .split(/\r?\n/);
    const width = header!.split(',').length;
    const [learned, chosen, tested] = split.split(',').map(Number) as [number, number, number];
    const places = Array.from({ length: width - 1 }, (_, i) => i + 1); // the first is the date
    const cells = lines.map((line) => line.split(','));
    const rows = await lastValueFrom(from(cells as never[]).pipe(columns(...places), toArray()));
    const found = await lastValueFrom(pull(rows.slice(0, learned)).pipe(scaling()));
    const scaled = await lastValueFrom(pull(rows).pipe(scale(found), toArray()));
    console.log(
      '| rows ahead | MSE | MAE | linear map alone | as before | as a season ago | the map |\n|---|---|---|---|---|---|---|',
    );
    for (const horizon of horizons.split(',').map(Number)) {
      const part = (begin: number, to: number): Part => ({ rows: scaled, from: begin, to, horizon, context: 336 });
      const test = part(learned + chosen, learned + chosen + tested);
      const { model, fit, learn$ } = await forecaster({
        learned: part(0, learned),
        chosen: part(learned, learned + chosen),
        context: 336,
        hidden: 32,
        learningRate: 0.001,
        seconds: 60 * minutes,
        seed,
      });
      const map = await errorsOf(model, test); // the network beside it gives nothing yet
      await lastValueFrom(learn$, { defaultValue: undefined });
      const { mse, mae } = await errorsOf(model, test);
      const naive = [naiveErrors(test, 1)!.mse, naiveErrors(test, season)!.mse];
      const figures = [mse, mae, map.mse, ...naive].map((x) => x.toFixed(4));
      console.log(`| ${horizon} | ${figures.join(' | ')} | ${fit} |`);
      model.dispose();
    }
  },
});
