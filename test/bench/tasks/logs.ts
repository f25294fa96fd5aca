// Templates, strange lines and compression of logs: `npx tsx test/bench/tasks/logs.ts FOLDER`, a folder with the files
// NAME_2k.log, NAME_2k.events.csv.gz (columns EventId and Content) and NAME_planted.log with NAME_planted.json of the
// shared task data. One setting for all logs; a simple baseline beside each figure.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { brotliCompressSync, constants, gunzipSync, gzipSync } from 'node:zlib';
import { parseString } from 'fast-csv';
import { command, UsageError } from '../../../pipelines/cli/command.js';
import { compressor, lineScorer, templateMiner } from '../../../src/index.js';
import { logBaselines } from './logBaselines.js';
import { ranked, SHOWN } from './ranked.js';

await command(import.meta.url, {
  about: 'Measures templates, strange lines and compression of logs beside simple baselines.',
  argument: 'FOLDER',
  options: {
    only: { kind: 'text', value: 'PART', choices: ['templates', 'planted', 'compression'], help: 'one of the parts' },
  },
  async run({ only }, folder) {
    if (folder === undefined) throw new UsageError('the folder of the logs is needed');
    const names = (end: string): string[] =>
      readdirSync(folder)
        .filter((name) => name.endsWith(end))
        .map((name) => name.slice(0, -end.length));
    if (only === undefined || only === 'templates') await templates(folder, names('_2k.events.csv.gz'));
    if (only === undefined || only === 'planted') planted(folder, names('_planted.log'), names('_2k.log'));
    if (only === undefined || only === 'compression') compression(folder, names('_2k.log'));
  },
});

async function templates(folder: string, names: readonly string[]): Promise<void> {
  console.log('| templates | ours | each line alone | number of words, first word |\n|---|---|---|---|');
  const sums = [0, 0, 0];
  for (const name of names) {
    const rows = await readRows(gunzipSync(readFileSync(join(folder, `${name}_2k.events.csv.gz`))).toString('utf8'));
    const truth = rows.map(({ EventId }) => EventId!);
    const lines = rows.map(({ Content }) => Content!);
    const miner = templateMiner();
    const words = lines.map((line) => line.split(/\s+/));
    const shares = [lines.map((line) => miner.match(line).id), lines, words.map((of) => `${of.length} ${of[0]}`)].map(
      (groups) => accuracy(groups, truth),
    );
    shares.forEach((share, i) => (sums[i]! += share / names.length));
    console.log(`| ${name} | ${shares.map((share) => share.toFixed(3)).join(' | ')} |`);
  }
  console.log(`| mean | ${sums.map((sum) => sum.toFixed(3)).join(' | ')} |\n`);
}

/** The share of lines whose group is, as a set of lines, a true one. */
function accuracy(groups: readonly unknown[], truth: readonly string[]): number {
  const sizes = new Map<string, number>();
  const members = new Map<unknown, string[]>();
  truth.forEach((event, i) => {
    sizes.set(event, (sizes.get(event) ?? 0) + 1);
    members.set(groups[i], [...(members.get(groups[i]) ?? []), event]);
  });
  const right = [...members.values()].filter((of) => new Set(of).size === 1 && sizes.get(of[0]!) === of.length);
  return right.reduce((sum, { length }) => sum + length, 0) / truth.length;
}

function planted(folder: string, names: readonly string[], calm: readonly string[]): void {
  for (const name of names) {
    const lines = readFileSync(join(folder, `${name}_planted.log`), 'utf8')
      .split('\n')
      .slice(0, -1);
    const labels = JSON.parse(readFileSync(join(folder, `${name}_planted.json`), 'utf8')) as {
      anomalies: { line: number; kind: string }[];
    };
    const kinds = new Map(labels.anomalies.map(({ line, kind }) => [line, kind]));
    const scorer = lineScorer();
    const scores = lines.map((line) => scorer.score(line));
    console.log(`| ${name}, ${kinds.size} planted | in the ${SHOWN} highest | average precision |\n|---|---|---|`);
    const all = {
      'ours, score': scores.map(({ score }) => score),
      'ours, bits per character': scores.map((one) => one.bitsPerCharacter),
    };
    for (const [who, of] of Object.entries({ ...all, ...logBaselines(lines) })) {
      const { hits, precision } = ranked(of, kinds);
      console.log(`| ${who} | ${hits} | ${precision.toFixed(3)} |`);
    }
    const alarms = scores.flatMap(({ alarm }, i) => (alarm ? [i] : []));
    const spray = labels.anomalies.filter(({ kind }) => kind === 'burst').map(({ line }) => line);
    const found = alarms.find((line) => line >= spray[0]! && line <= spray.at(-1)!);
    const after = found === undefined ? 'not found' : `found at its line ${found - spray[0]! + 1}`;
    const wrong = alarms.filter((line) => !kinds.has(line)).length;
    console.log(`\n${alarms.length} alarms, ${wrong} of them at ordinary lines; the spray is ${after}\n`);
  }
  for (const name of calm) {
    const scorer = lineScorer();
    const lines = readFileSync(join(folder, `${name}_2k.log`), 'utf8')
      .split(/\r?\n/)
      .slice(0, -1);
    const started = performance.now();
    const alarms = lines.filter((line) => scorer.score(line).alarm !== undefined).length;
    const speed = (1000 * lines.length) / (performance.now() - started);
    const again = performance.now();
    for (const line of lines) scorer.score(line);
    const known = (1000 * lines.length) / (performance.now() - again);
    console.log(
      `${name}, nothing planted: ${alarms} alarms in ${lines.length} lines; ${Math.round(speed)} lines per second, ` +
        `${Math.round(known)} where all was seen`,
    );
  }
}

function compression(folder: string, names: readonly string[]): void {
  console.log('\n| bits per byte | bytes | ours | gzip -9 | xz -9e | brotli 11 |\n|---|---|---|---|---|---|');
  for (const name of names) {
    const path = join(folder, `${name}_2k.log`);
    const bytes = readFileSync(path);
    const coder = compressor();
    const ours = coder.add(bytes).length + coder.end().length;
    const xz = spawnSync('xz', ['-9e', '-c', path], { maxBuffer: 1e9 });
    const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN } = constants;
    const brotli = brotliCompressSync(bytes, { params: { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_LGWIN]: 24 } });
    const sizes = [ours, gzipSync(bytes, { level: 9 }).length, xz.status === 0 ? xz.stdout.length : NaN, brotli.length];
    const row = sizes.map((size) => ((8 * size) / bytes.length).toFixed(3));
    console.log(`| ${name} | ${bytes.length} | ${row.join(' | ')} |`);
  }
}

function readRows(text: string): Promise<Record<string, string>[]> {
  return new Promise((resolve, reject) => {
    const rows: Record<string, string>[] = [];
    parseString<Record<string, string>, Record<string, string>>(text, { headers: true })
      .on('data', (row: Record<string, string>) => rows.push(row))
      .on('error', reject)
      .on('end', () => resolve(rows));
  });
}
