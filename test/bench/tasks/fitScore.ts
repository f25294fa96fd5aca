// Fits the weights of the score of log lines: `npx tsx test/bench/tasks/fitScore.ts FOLDER`, a folder of planted logs
// (plantLogs.ts). A logistic regression tells planted lines from the others by the parts of the score. For each log it prints
// hits in the 50 highest and average precision with the weights of the package, with weights fitted without the logs of its
// system, and of the best of seven baselines; at the end the weights fitted to all.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, UsageError } from '../../../pipelines/cli/command.js';
import { lineScorer, type ScoreParts } from '../../../src/index.js';
import { logBaselines } from './logBaselines.js';
import { ranked, UNRANKED } from './ranked.js';

interface Log {
  readonly name: string;
  readonly rows: readonly (readonly number[])[];
  readonly planted: ReadonlyMap<number, string>;
  readonly scores: readonly number[];
  readonly alarms: readonly number[];
  readonly best: { readonly hits: number; readonly precision: number };
}

const PARTS = ['unlike', 'unlikeBefore', 'rarityBefore', 'word', 'isNew', 'value', 'burst', 'fatal'] as const satisfies (keyof ScoreParts)[]; // prettier-ignore
const PENALTY = 3e-3; // of the square of a weight, per deviation of its part
const STEPS = 20;

await command(import.meta.url, {
  about: 'Fits the weights of the score of log lines.',
  argument: 'FOLDER',
  options: {},
  run(_, folder) {
    if (folder === undefined) throw new UsageError('the folder of the planted logs is needed');
    const names = readdirSync(folder).filter((name) => name.endsWith('_planted.log'));
    const logs = names.map((name) => readLog(folder, name.slice(0, -'_planted.log'.length)));
    const systemOf = (name: string): string => name.replace(/.$/, '');
    const won = { package: 0, fitted: 0, sprays: 0, wrong: 0 };
    console.log('| log | package | fitted without its system | best baseline |\n|---|---|---|---|');
    for (const system of new Set(logs.map(({ name }) => systemOf(name)))) {
      const weights = fit(logs.filter(({ name }) => systemOf(name) !== system));
      for (const { name, rows, planted, scores, alarms, best } of logs.filter((log) => systemOf(log.name) === system)) {
        const own = ranked(scores, planted);
        const fitted = ranked(rows.map((row) => row.reduce((sum, x, i) => sum + x * weights[i]!, 0)), planted); // prettier-ignore
        won.package += beats(own, best);
        won.fitted += beats(fitted, best);
        won.sprays += alarms.some((line) => planted.get(line) === 'burst') ? 1 : 0;
        won.wrong += alarms.filter((line) => !planted.has(line)).length;
        console.log(`| ${[name, ...[own, fitted, best].map(({ hits, precision }) => `${hits}, ${precision.toFixed(3)}`)].join(' | ')} |`); // prettier-ignore
      }
    }
    console.log(`\nof ${logs.length} logs both figures are as good as the best baseline's in ${won.package}, fitted without the system in ${won.fitted}; ${won.sprays} sprays with an alarm, ${won.wrong} alarms at ordinary lines`); // prettier-ignore
    const weights = fit(logs);
    console.log(PARTS.map((part, i) => `${part} ${weights[i]!.toFixed(2)}`).join(', '));
    return Promise.resolve();
  },
});

function beats(one: Log['best'], other: Log['best']): number {
  return one.hits >= other.hits && one.precision >= other.precision ? 1 : 0;
}

function readLog(folder: string, name: string): Log {
  const lines = readFileSync(join(folder, `${name}_planted.log`), 'utf8').split('\n').slice(0, -1); // prettier-ignore
  const { anomalies } = JSON.parse(readFileSync(join(folder, `${name}_planted.json`), 'utf8')) as { anomalies: { line: number; kind: string }[] }; // prettier-ignore
  const planted = new Map(anomalies.map(({ line, kind }) => [line, kind]));
  const scorer = lineScorer();
  const scored = lines.map((line) => scorer.score(line));
  const baselines = Object.values(logBaselines(lines)).map((scores) => ranked(scores, planted));
  return {
    name,
    planted,
    rows: scored.map(({ parts }) => PARTS.map((part) => parts[part])),
    scores: scored.map(({ score }) => score),
    alarms: scored.flatMap(({ alarm }, i) => (alarm ? [i] : [])),
    best: {
      hits: Math.max(...baselines.map(({ hits }) => hits)),
      precision: Math.max(...baselines.map(({ precision }) => precision)),
    },
  };
}

/** Newton's method; planted lines weigh as much in each log, and half of the others together. */
function fit(logs: readonly Log[]): number[] {
  const rows: number[][] = [];
  const labels: number[] = [];
  const shares: number[] = [];
  for (const { rows: all, planted } of logs) {
    for (const [line, row] of all.entries()) {
      if (line < UNRANKED) continue;
      rows.push([...row, 1]);
      labels.push(planted.has(line) ? 1 : 0);
      shares.push((planted.has(line) ? 1 / planted.size : 2 / (all.length - UNRANKED)) / (3 * logs.length));
    }
  }
  const deviations = [...PARTS.map((_, i) => deviation(rows.map((row) => row[i]!))), 1];
  for (const row of rows) for (let i = 0; i < row.length; i++) row[i]! /= deviations[i]!;
  const size = PARTS.length + 1;
  const cost = (weights: readonly number[]): number =>
    rows.reduce((sum, row, n) => {
      const x = row.reduce((all, value, i) => all + value * weights[i]!, 0);
      return sum + shares[n]! * (Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) - labels[n]! * x);
    }, weights.slice(0, -1).reduce((sum, weight) => sum + (PENALTY / 2) * weight * weight, 0)); // prettier-ignore
  let weights: number[] = Array.from({ length: size }, () => 0);
  for (let step = 0, before = cost(weights); step < STEPS; step++) {
    const gradient = weights.map((weight, i) => (i < size - 1 ? PENALTY * weight : 0));
    const hessian = weights.map((_, i) => weights.map((_, j) => (i === j ? (i < size - 1 ? PENALTY : 1e-6) : 0)));
    for (const [n, row] of rows.entries()) {
      const p = 1 / (1 + Math.exp(-row.reduce((sum, value, i) => sum + value * weights[i]!, 0)));
      for (let i = 0; i < size; i++) {
        gradient[i]! += shares[n]! * (p - labels[n]!) * row[i]!;
        for (let j = 0; j < size; j++) hessian[i]![j]! += shares[n]! * p * (1 - p) * row[i]! * row[j]!;
      }
    }
    const change = solve(hessian, gradient);
    let factor = 1;
    let next = weights;
    for (; factor > 1e-3; factor /= 2) {
      next = weights.map((weight, i) => weight - factor * change[i]!);
      if (cost(next) <= before) break;
    }
    if (before - cost(next) < 1e-9) break;
    weights = next;
    before = cost(weights);
  }
  return weights.slice(0, -1).map((weight, i) => weight / deviations[i]!);
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1;
}

/** Gaussian elimination; the matrix is positive definite. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (const [i, pivot] of rows.entries()) {
    for (const [j, row] of rows.entries()) {
      if (j === i) continue;
      const factor = row[i]! / pivot[i]!;
      for (let k = i; k < row.length; k++) row[k]! -= factor * pivot[k]!;
    }
  }
  return rows.map((row, i) => row.at(-1)! / row[i]!);
}
