// Public tasks with a simple baseline beside each learned result. The data are not part of this repository.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { from, identity, lastValueFrom, toArray } from 'rxjs';
import { command, UsageError } from '../../../pipelines/cli/command.js';
import { readExamples } from '../../../pipelines/classify/readExamples.js';
import { textClassifier } from '../../../pipelines/classify/textClassifier.js';
import { trigramOdds } from '../../../pipelines/classify/trigramOdds.js';
import { type CaseEvent } from '../../../pipelines/events/cases.js';
import { countDistance, countsOf, distancesToOthers } from '../../../pipelines/events/countDistance.js';
import { nextEvent, nextEventAccuracy } from '../../../pipelines/events/nextEvent.js';
import { learnSessions } from '../../../pipelines/events/sessionModel.js';
import { scoresOf, sessionScore } from '../../../pipelines/events/sessionScore.js';
import { type Model, seeded, surprisalBySequence } from '../../../src/index.js';
import { ngrams } from './ngrams.js';

const TASKS = ['hdfs', 'adfa', 'helpdesk', 'label'] as const;

await command(import.meta.url, {
  about: `Measures sequence tasks on public data, each with simple baselines, as rows of a table: HDFS sessions, ADFA-LD,
Helpdesk, and labels of texts. DIR has the folder events; --label names a CSV file with the columns text and label.`,
  argument: 'DIR',
  options: {
    task: { kind: 'text', choices: TASKS, help: 'only this task' },
    label: { kind: 'text', value: 'FILE', help: 'examples for the labels (data/kinds.csv)' },
    seeds: { kind: 'count', help: 'seeds, from 0', initial: 5 },
    seed: { kind: 'seed', help: 'accepted by every script; see --seeds', initial: 0 },
    json: { kind: 'flag', help: 'print one JSON object per row and nothing else' },
  },
  async run({ task, label = 'data/kinds.csv', seeds: count, json }, folder) {
    const seeds = Array.from({ length: count }, (_, seed) => seed);
    const needed = task === undefined ? TASKS : [task];
    if (folder === undefined && needed.some((name) => name !== 'label'))
      throw new UsageError('DIR: the data are needed');
    if (!json) console.log('| task | by | figure | value |\n| --- | --- | --- | --- |');
    const row = (task: string, by: string, figure: string, values: readonly number[]): void => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const spread =
        values.length > 1 ? ` (${Math.min(...values).toFixed(4)} … ${Math.max(...values).toFixed(4)})` : '';
      if (json) console.log(JSON.stringify({ task, by, figure, mean, values }));
      else console.log(`| ${task} | ${by} | ${figure} | ${mean.toFixed(4)}${spread} |`);
    };
    const events = (name: string): string =>
      gunzipSync(readFileSync(join(folder ?? '', 'events', `${name}.gz`)))
        .toString()
        .trimEnd();
    if (needed.includes('hdfs')) await hdfs(events, seeds, row);
    if (needed.includes('adfa')) await adfa(events, seeds, row);
    if (needed.includes('helpdesk')) await helpdesk(events('helpdesk.csv'), seeds, row);
    if (needed.includes('label')) await labels(label, seeds, row);
  },
});

type Row = (task: string, by: string, figure: string, values: readonly number[]) => void;

/** Recall and false alarms, scaled to the sizes of the published set. */
function f1(bad: readonly boolean[], good: readonly boolean[], abnormal = 16_838, normal = 553_366): number {
  const share = (alarms: readonly boolean[]): number => alarms.filter(Boolean).length / alarms.length;
  const [hits, alarms] = [share(bad) * abnormal, share(good) * normal];
  return (2 * hits) / (hits + alarms + abnormal);
}

async function hdfs(events: (name: string) => string, seeds: readonly number[], row: Row): Promise<void> {
  const [learning, good, bad] = ['train', 'normal', 'abnormal'].map((name) =>
    events(`hdfs_${name}.txt`)
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number)),
  ) as [number[][], number[][], number[][]];
  const keys = 30; // 1 to 28, 0 is the end
  const learned = new Set(learning.map((session) => session.join(' ')));
  const pairs = new Set(learning.flatMap((session) => [0, ...session].map((key, i) => `${key} ${session[i] ?? 0}`)));
  const lengths = learning.map(({ length }) => length);
  const strange: Record<string, (session: number[]) => boolean> = {
    'a session never seen': (session) => !learned.has(session.join(' ')),
    'a pair or a length never seen': (session) =>
      [0, ...session].some((key, i) => !pairs.has(`${key} ${session[i] ?? 0}`)) ||
      session.length < Math.min(...lengths) ||
      session.length > Math.max(...lengths),
  };
  for (const [name, test] of Object.entries(strange)) row('HDFS', name, 'F1', [f1(bad.map(test), good.map(test))]);
  const counts = countsOf(learning, keys);
  const distance = countDistance(counts);
  const apart = distancesToOthers(learning, counts).toSorted((a, b) => b - a);
  const farthest = apart[Math.floor(0.0005 * apart.length)]!;
  const counted = (sessions: number[][]): boolean[] => sessions.map((session) => distance(session) > farthest);
  row('HDFS', 'counts, keys and lengths, threshold without labels', 'F1', [f1(counted(bad), counted(good))]);
  const found: number[] = [];
  const foundMixed: number[] = [];
  for (const seed of seeds) {
    const options = { keys, hidden: 64, epochs: 60, seed, watch: () => identity };
    for (const [mixed, rate, list] of [
      [false, 0.003, found],
      [true, 0.0005, foundMixed],
    ] as const) {
      const score = await sessionScore(seeded(seed).shuffle([...learning]), { ...options, rate, mixed });
      const above = async (sessions: number[][]): Promise<boolean[]> =>
        (await scoresOf(score, sessions)).map((value) => value > score.threshold);
      list.push(f1(await above(bad), await above(good)));
      for (const network of score.networks) network.dispose();
    }
  }
  row('HDFS', 'events.ts: rank of the least expected key, threshold without labels', 'F1', found);
  row('HDFS', 'events.ts --score mixed, threshold without labels', 'F1', foundMixed);
}

async function adfa(events: (name: string) => string, seeds: readonly number[], row: Row): Promise<void> {
  const read = (name: string): number[][] =>
    events(`adfa_${name}.txt`)
      .split('\n')
      .map((line) =>
        line
          .slice(line.indexOf(',') + 1)
          .trim()
          .split(/\s+/)
          .map(Number),
      );
  const [normal, attacks] = [read('normal'), read('attack')];
  const learning = normal.filter((_, i) => i % 50 === 0);
  const good = normal.filter((_, i) => i % 50 !== 0);
  const calls = [...new Set(learning.flat())].toSorted((a, b) => a - b);
  const tokens = new Map(calls.map((call, i) => [call, i + 1])); // 0: the end
  const keys = calls.length + 2;
  const encode = (sessions: number[][]): number[][] =>
    sessions.map((session) => session.map((call) => tokens.get(call) ?? keys - 1));
  const best = (bad: readonly number[], good: readonly number[]): number =>
    Math.max(
      ...[...new Set([...bad, ...good])].map((threshold) => {
        const hits = bad.filter((score) => score >= threshold).length;
        const alarms = good.filter((score) => score >= threshold).length;
        return (2 * hits) / (hits + alarms + bad.length);
      }),
    );
  const [known, others, bad] = [encode(learning), encode(good), encode(attacks)];
  const distance = countDistance(countsOf(known, keys));
  row('ADFA-LD', 'counts, distance to the nearest', 'F1, best threshold', [
    best(
      bad.map((session) => distance(session)),
      others.map((session) => distance(session)),
    ),
  ]);
  const counted = ngramShares(known, keys);
  row('ADFA-LD', '5-gram, mean bits per call', 'F1, best threshold', [
    best(meanBits(bad.map(counted)), meanBits(others.map(counted))),
  ]);
  const found: number[] = [];
  const mixed: number[] = [];
  for (const seed of seeds) {
    const model = (await learnSessions(known, { keys, hidden: 64, epochs: 30, seed, watch: identity }))!;
    const [ofBad, ofOthers] = [await learnedShares(model, bad), await learnedShares(model, others)];
    found.push(best(meanBits(ofBad), meanBits(ofOthers)));
    const share = await shareByHeldOut(known, keys, seed);
    const mix = (sessions: number[][], learned: number[][]): number[] =>
      meanBits(sessions.map((session, i) => mixShares(learned[i]!, counted(session), share)));
    mixed.push(best(mix(bad, ofBad), mix(others, ofOthers)));
  }
  row('ADFA-LD', 'LSTM, mean bits per call', 'F1, best threshold', found);
  row('ADFA-LD', 'LSTM and 5-gram, share by held-out sessions', 'F1, best threshold', mixed);
}

/** Scores a session by the probability that counts of up to five calls gave to each of its calls. */
function ngramShares(learning: number[][], keys: number): (session: number[]) => number[] {
  const counts = ngrams(learning, 5, keys);
  return (session) => session.map((call, i) => counts.shares(session.slice(Math.max(0, i - 5), i))[call]!);
}

/** The probabilities that a network gave to the calls of all sessions. */
async function learnedShares(model: Model, sessions: number[][]): Promise<number[][]> {
  const byLength = [...sessions.keys()].toSorted((a, b) => sessions[a]!.length - sessions[b]!.length);
  const scored$ = from(byLength).pipe(
    surprisalBySequence(model, { end: 0, lanes: 16, sequence: (i: number) => sessions[i]! }),
    toArray(),
  );
  const shares: number[][] = [];
  for (const { item, surprisals } of await lastValueFrom(scored$)) {
    shares[item] = surprisals.slice(0, sessions[item]!.length).map(({ bits }) => 2 ** -bits);
  }
  return shares;
}

function mixShares(learned: readonly number[], counted: readonly number[], share: number): number[] {
  return learned.map((p, i) => share * p + (1 - share) * counted[i]!);
}

function meanBits(sessions: readonly (readonly number[])[]): number[] {
  return sessions.map((shares) => shares.reduce((sum, p) => sum - Math.log2(p), 0) / shares.length);
}

/** The share of the network in the mixture that gives held-out normal sessions, a fifth, the fewest bits. */
async function shareByHeldOut(sessions: number[][], keys: number, seed: number): Promise<number> {
  const held = sessions.filter((_, i) => i % 5 === 0);
  const learning = sessions.filter((_, i) => i % 5 !== 0);
  const model = (await learnSessions(learning, { keys, hidden: 64, epochs: 30, seed, watch: identity }))!;
  const learned = await learnedShares(model, held);
  const counted = held.map(ngramShares(learning, keys));
  const bitsOf = (share: number): number =>
    learned.reduce(
      (sum, shares, i) => sum + mixShares(shares, counted[i]!, share).reduce((all, p) => all - Math.log2(p), 0),
      0,
    );
  const shares = Array.from({ length: 21 }, (_, i) => i / 20);
  return shares.reduce((found, share) => (bitsOf(share) < bitsOf(found) ? share : found));
}

async function helpdesk(text: string, seeds: readonly number[], row: Row): Promise<void> {
  const cases = new Map<string, CaseEvent[]>();
  for (const line of text.split(/\r?\n/).slice(1)) {
    const [name, event, time] = line.split(',') as [string, string, string];
    if (!cases.has(name)) cases.set(name, []);
    cases.get(name)!.push({ event, time: Date.parse(`${time.replace(' ', 'T')}Z`) / 1000 });
  }
  const cut = 2 * Math.round(cases.size / 3);
  const [learning, testing] = [[...cases.values()].slice(0, cut), [...cases.values()].slice(cut)];
  const names = ['', ...new Set([...cases.values()].flat().map(({ event }) => event))];
  const tokens = (events: readonly CaseEvent[]): number[] => events.map(({ event }) => names.indexOf(event));
  const figures = {
    accuracy: 'next, as Tax et al. count',
    endLeftOut: 'next, the end left out',
    withEnd: 'with the end',
  } as const;
  const counts = ngrams(
    learning.map((events) => [...tokens(events), 0]),
    2,
    names.length,
  );
  const likeliest = (shares: Float64Array, from: number): number => {
    const own = shares.subarray(from);
    return from + own.indexOf(Math.max(...own));
  };
  const right = { accuracy: 0, endLeftOut: 0, withEnd: 0 };
  let [some, all] = [0, 0];
  for (const events of testing.map(tokens)) {
    for (let i = 2; i <= events.length; i++) {
      const shares = counts.shares(events.slice(i - 1, i));
      const next = events[i] ?? 0;
      all++;
      right.withEnd += Number(likeliest(shares, 0) === next);
      if (next === 0) continue;
      some++;
      right.accuracy += Number(likeliest(shares, 0) === next);
      right.endLeftOut += Number(likeliest(shares, 1) === next);
    }
  }
  const shares = { accuracy: right.accuracy / some, endLeftOut: right.endLeftOut / some, withEnd: right.withEnd / all };
  const found = [];
  for (const seed of seeds) {
    const model = await nextEvent(learning, { hidden: 64, epochs: 30, seed, watch: () => identity });
    found.push(await nextEventAccuracy(model, testing));
  }
  for (const [key, figure] of Object.entries(figures) as [keyof typeof figures, string][]) {
    row('Helpdesk', 'counts after the last activity', figure, [shares[key]]);
    row(
      'Helpdesk',
      'events.ts --next',
      figure,
      found.map((each) => each[key]),
    );
  }
}

async function labels(path: string, seeds: readonly number[], row: Row): Promise<void> {
  const found: number[] = [];
  const counted: number[] = [];
  for (const seed of seeds) {
    const learning = seeded(seed).shuffle(await readExamples(path));
    const held = learning.splice(0, Math.ceil(learning.length / 10));
    const options = { hidden: 48, epochs: 12, lanes: 32, learningRate: 0.005, seed, watch: identity };
    const { labels, label } = await textClassifier(learning, options);
    const results = await lastValueFrom(
      from(held).pipe(
        label(({ text }) => text, 64),
        toArray(),
      ),
    );
    found.push(results.filter(({ item, label }) => item.label === labels[label]).length / held.length);
    const count = trigramOdds(learning);
    counted.push(held.filter(({ text, label }) => count(text) === label).length / held.length);
  }
  row('labels', 'trigram log-odds', 'accuracy', counted);
  row('labels', 'classify.ts', 'accuracy', found);
}
