// Anomalies in live metrics: `npx tsx test/bench/tasks/nab.ts FOLDER`, the folder with NAB's `data`, `windows.json` and, for the
// detectors to compare with, `scores`. One setting for all series, no look at labels.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { from, lastValueFrom, map, toArray } from 'rxjs';
import { command, UsageError } from '../../../pipelines/cli/command.js';
import { detector } from '../../../pipelines/detect/detector.js';
import { movingZScore } from '../../../pipelines/detect/movingZScore.js';
import { anomalyLikelihood } from '../../../src/index.js';
import { nabScore, type ScoredSeries } from './nabScore.js';

interface Table {
  readonly times: string[];
  readonly numbers: number[];
}

await command(import.meta.url, {
  about: 'Scores the detector of pipelines/detect.ts on series of the Numenta Anomaly Benchmark.',
  argument: 'FOLDER',
  options: {},
  async run(_, folder) {
    if (folder === undefined) throw new UsageError('the folder of the series is needed');
    const windows = JSON.parse(readFileSync(join(folder, 'windows.json'), 'utf8')) as Record<
      string,
      [string, string][]
    >;
    const found: Record<string, ScoredSeries[]> = {};
    const add = (who: string, series: ScoredSeries): number => (found[who] ??= []).push(series);
    const started = performance.now();
    let rows = 0;
    for (const [name, labels] of Object.entries(windows)) {
      const { times, numbers } = read(join(folder, 'data', name), 'value');
      const measured = times.map((timestamp, i) => ({ timestamp, value: numbers[i]! }));
      const detected = await lastValueFrom(from(measured).pipe(detector(), toArray()));
      rows += times.length;
      add('detect.ts', { times, windows: labels, scores: detected.map(({ score }) => score) });
      const zScore = movingZScore();
      add('its comparison, a moving z-score', {
        times,
        windows: labels,
        scores: numbers.map((value) => zScore(value)),
      });
      const errors = detected.map(({ value, predicted }) => Math.abs(value - predicted));
      const likelihood$ = from(errors).pipe(
        anomalyLikelihood(),
        map(({ score }) => score),
        toArray(),
      );
      const likely = await lastValueFrom(likelihood$);
      add('its error, anomalyLikelihood', { times, windows: labels, scores: likely });
      add('always silent', { times, windows: labels, scores: times.map(() => 0) });
      for (const who of ['contextOSE', 'numenta', 'windowedGaussian', 'random']) {
        const path = join(folder, 'scores', name);
        if (existsSync(`${path}.gz`)) add(who, { times, windows: labels, scores: read(path, who).numbers });
      }
    }
    const seconds = (performance.now() - started) / 1000;
    console.log(
      `${rows} rows of ${Object.keys(windows).length} series, ${Math.round(rows / seconds)} rows per second\n`,
    );
    console.log('| detector | score | windows hit | alarms outside |\n|---|---|---|---|');
    for (const [who, series] of Object.entries(found)) {
      const { score, hit, windows: all, alarmsOutside } = nabScore(series);
      console.log(`| ${who} | ${score.toFixed(1)} | ${hit} of ${all} | ${alarmsOutside} |`);
    }
  },
});

/** Reads the times and one column of a CSV file, plain or as gzip. */
function read(path: string, column: string): Table {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : gunzipSync(readFileSync(`${path}.gz`)).toString('utf8');
  const [header, ...lines] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const place = header!.indexOf(column);
  if (place < 0) throw new Error(`${path}: no column ${column} in ${header!.join(', ')}`);
  return { times: lines.map(([time]) => time!.slice(0, 19)), numbers: lines.map((cells) => Number(cells[place])) };
}
