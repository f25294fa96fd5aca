import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { from, identity, lastValueFrom, type MonoTypeOperatorFunction, of, Subject, tap } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCases } from '../../pipelines/events/cases.js';
import { countedNext } from '../../pipelines/events/countedNext.js';
import { likeliestNext } from '../../pipelines/events/likeliestNext.js';
import { neverSeen } from '../../pipelines/events/neverSeen.js';
import { countDistance, countsOf, distancesToOthers } from '../../pipelines/events/countDistance.js';
import { ensembleOf } from '../../pipelines/events/ensemble.js';
import { learnSessions, logRanks, sessionNetworks, sessionNetworksOf } from '../../pipelines/events/sessionModel.js';
import { scoresOf, sessionScore } from '../../pipelines/events/sessionScore.js';
import {
  adam,
  type Epoch,
  linear,
  lstm,
  type Model,
  modelBytes,
  readModel,
  saveModel,
  sequences,
  seeded,
  sequential,
  train as trainModel,
  vocabularyOf,
} from '../../src/index.js';
import { assertRefused, emptyFolder, runScript, runShell } from './runScript.js';

const folder = emptyFolder();
const file = (name: string, lines: readonly string[]): string => {
  const path = join(folder, name);
  writeFileSync(path, lines.join('\n'));
  return path;
};
const normal = Array.from({ length: 60 }, (_, i) => `open ${'read '.repeat(1 + (i % 3))}close`);
const train = file('train', normal);
const good = file('normal', ['open read close', '', 'open read read close']);
const bad = file('abnormal', ['read open close', 'open fail', 'close', 'open read']);
const TESTED = ['--normal', good, '--abnormal', bad];
const FILES = ['--train', train, ...TESTED];

for (const score of ['surprise', 'mixed']) {
  test(`${score}: JSON lines of the passes, and the figures in the last`, async () => {
    const { status, stdout, stderr } = await runScript('events.ts', [
      ...FILES,
      '--score',
      score,
      '--epochs',
      '80',
      '--hidden',
      '16',
      '--json',
    ]);
    assert.equal([status, stderr], [0, '']);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>);
    assert.is(lines.length, 6 * 80 + 1); // six networks
    assert.equal(Object.keys(lines[0]!), ['network', 'epoch', 'loss']);
    const { f1, precision, recall, threshold } = lines.at(-1)!;
    assert.equal([f1, precision, recall], [1, 1, 1]);
    assert.ok(threshold! >= 0);
  });
}

test('the same seed gives the same lines; people get a sentence', async () => {
  const args = [...FILES, '--epochs', '5', '--hidden', '4', '--seed', '3'];
  const [one, two] = [await runScript('events.ts', args), await runScript('events.ts', args)];
  assert.is(one.stdout, two.stdout);
  assert.match(one.stdout, /^\d of 4 abnormal sessions found, \d false alarms in 2 normal ones\nF1 \d/);
});

const table = (rows: readonly string[]): string => file('cases.csv', ['id,what,when', ...rows]);
const cases = Array.from({ length: 30 }, (_, i) => {
  const hour = (h: number): string => `2020-01-0${1 + (i % 9)} ${String(h).padStart(2, '0')}:00:00`;
  return [
    `${i},a,${hour(1)}`,
    `${i},b,${hour(2)}`,
    `${i},${i % 2 ? 'c' : 'd'},${hour(i % 2 ? 3 : 9)}`,
    `${i},e,${hour(10)}`,
  ];
});

test('--next: the share of next events that are predicted', async () => {
  const path = table(cases.flat());
  const columns = ['--case', 'id', '--event', 'what', '--time', 'when'];
  const { status, stdout } = await runScript('events.ts', [
    '--next',
    '--data',
    path,
    ...columns,
    '--epochs',
    '60',
    '--hidden',
    '16',
    '--json',
  ]);
  assert.is(status, 0);
  const found = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Record<string, number>;
  assert.equal([found['predictions'], found['predictionsWithEnd']], [20, 30]);
  assert.ok(found['accuracy']! >= 0.5 && found['accuracy']! <= 1);
  assert.ok(found['withEnd']! > 0.6);
  const counting = found['counting'] as unknown as Record<string, number>;
  const { endLeftOut, withEnd } = counting;
  assert.equal(Object.keys(counting), Object.keys(found).slice(0, -1));
  assert.ok(endLeftOut! > 0 && endLeftOut! <= 1 && withEnd! > 0 && withEnd! <= 1);
});

test('--next --predict: the likeliest next events of each case, by a saved model too', async () => {
  const args = ['--next', '--data', table(cases.flat()), '--case', 'id', '--event', 'what', '--time', 'when'];
  const model = join(folder, 'next');
  const learned = await runScript('events.ts', [
    ...args,
    '--epochs',
    '2',
    '--hidden',
    '8',
    '--predict',
    '--out',
    model,
  ]);
  assert.equal([learned.status, learned.stdout.trimEnd().split('\n').length], [0, cases.length]);
  assert.match(learned.stdout, /^\S+: after \S+ .+ \([\d.]+ %\), .+ \([\d.]+ %\)/);
  const again = await runScript('events.ts', [...args, '--predict', '--model', model, '--json']);
  const [first] = again.stdout
    .split('\n')
    .map((line) => (line ? (JSON.parse(line) as { next: unknown[] }) : undefined));
  const next = first!.next as { event: string | null; probability: number }[];
  assert.is(next.length, 3);
  assert.ok(next.every(({ probability }, i) => probability > 0 && probability <= (next[i - 1]?.probability ?? 1)));
  const strangers = ['99,neither,2020-01-01', '99,of these,2020-01-02'];
  const others = file('strangers.csv', ['id,what,when', ...cases.flat(), ...strangers]);
  const unknown = await runScript('events.ts', ['--next', '--data', others, ...args.slice(3), '--predict', '--model', model, '--json']); // prettier-ignore
  const counts = unknown.stdout.trimEnd().split('\n').map((line) => (JSON.parse(line) as { unknown: number }).unknown); // prettier-ignore
  assert.equal([counts.slice(0, -1).every((count) => count === 0), counts.at(-1)], [true, 2]);
});

test('counting beside it: pairs and lengths that were never seen, and what came after the last event', () => {
  const isNew = neverSeen([['a', 'b', 'c'], ['a', 'c']]); // prettier-ignore
  assert.equal([['a', 'b', 'c'], ['a', 'c'], ['a', 'b'], ['b', 'c'], ['a'], ['a', 'd'], ['a', 'c', 'c']].map(isNew), [
    false,
    false,
    true,
    true,
    true,
    true,
    true,
  ]);
  const of = (events: string) => Array.from(events, (event, time) => ({ event, time }));
  const likeliest = likeliestNext([of('abc'), of('abc'), of('abd')]);
  const counted = countedNext(likeliest, [of('abc'), of('abd')]);
  assert.equal(counted, { accuracy: 0.5, endLeftOut: 0.5, predictions: 2, withEnd: 0.75, predictionsWithEnd: 4 });
  const ends = countedNext(likeliestNext([of('ab'), of('ab'), of('abc')]), [of('abc')]);
  assert.equal(ends, { accuracy: 0, endLeftOut: 1, predictions: 1, withEnd: 0.5, predictionsWithEnd: 2 });
});

for (const [what, args, message] of [
  ['a file that is missing', ['--train', 'none', ...TESTED], /events\.ts: .*none/],
  ['a file without sessions', ['--train', file('empty', ['', ' ']), ...TESTED], /empty: holds no sessions$/m],
  [
    'events with commas between them',
    ['--train', file('commas', [...Array.from({ length: 19 }, () => 'a,b'), 'a']), ...TESTED, '--json'],
    /commas: events are separated by spaces, and 19 of 20 lines have commas .*: tr ',;' ' ' < \S+commas > FILE$/m,
  ],
  [
    'one session',
    ['--train', file('single', ['a b']), ...TESTED],
    /single: needs at least two sessions, one of them to choose the threshold/,
  ],
  [
    'an event that is named as the end of a session in the file of --out',
    ['--train', file('ends', ['a <end>', 'a b']), ...TESTED, '--out', 'm.safetensors'],
    /--out: .*ends has an event named <end>, a name that the model's file keeps for itself/,
  ],
  [
    'an event that is named as any other one, with --next',
    [
      '--next',
      '--data',
      file('others.csv', ['case,event,time', ...[1, 2, 3, 4].map((i) => `${i},<other>,${i}`)]),
    ].concat(['--out', 'm.safetensors']),
    /--out: .*others\.csv has an event named <other>/,
  ],
  ['--next without data', ['--next'], /--next: needs --data FILE\.csv/],
  ['--data without --next', ['--data', 'a.csv'], /--data: is for --next/],
  ...['train', 'normal', 'abnormal', 'score', 'false-alarms'].map(
    (name) =>
      [
        `--${name} with --next`,
        ['--next', '--data', 'a.csv', `--${name}`, name === 'score' ? 'mixed' : '0.1'],
        new RegExp(`--${name}: is not for --next`),
      ] as const,
  ),
  ['an unknown score', ['--score', 'best'], /--score must be surprise or mixed, got best/],
  ['a share of 1', ['--false-alarms', '1'], /--false-alarms must be a positive number below 1, got 1/],
] as const) {
  test(`refused: ${what}`, () => assertRefused('events.ts', args, message));
}

const columns = { case: 'id', event: 'what', time: 'when' };
test('cases: rows by case, in order; a time that is none, and too few cases are said', async () => {
  const {
    cases: read,
    names,
    moved,
  } = await readCases(
    table([
      '1,a,2020-01-01 00:00:00',
      '2,b,2020-01-01T00:00:10Z',
      '1,c,2020-01-01 00:01:00',
      '3,a,2020-01-01',
      '4,a,2020-01-01',
    ]),
    columns,
  );
  assert.equal(
    read.map((events) => events.map(({ event }) => event).join('')),
    ['ac', 'b', 'a', 'a'],
  );
  assert.is(read[0]![1]!.time - read[0]![0]!.time, 60);
  assert.equal([names, moved], [['1', '2', '3', '4'], 0]);
  const late = await readCases(table(['1,b,2020-01-02', '1,a,2020-01-01', '2,c,2020-01-01', '3,c,2020-01-01', '4,c,2020-01-01']), columns); // prettier-ignore
  assert.equal([late.cases[0]!.map(({ event }) => event).join(''), late.moved], ['ab', 1]);
  const errorOf = (rows: readonly string[]): Promise<string> =>
    readCases(table(rows), columns).then(
      () => 'no error',
      ({ message }: Error) => message,
    );
  for (const [unit, first] of [
    [1, 1_577_836_800],
    [1000, 1_577_836_800_000],
    [1, 0.5],
  ] as const) {
    const { cases: plain } = await readCases(
      table([0, 90, 180, 270].map((s, i) => `${i},a,${first + s * unit}`)),
      columns,
    );
    assert.equal(
      plain.map(([event]) => event!.time),
      [0, 90, 180, 270].map((s) => first / unit + s),
    );
  }
  assert.match(await errorOf(['1,a,2020-01-01', '1,b,1577836800x']), /, line 3: when is not a time: 1577836800x$/);
  for (const [time, message] of [
    ['2024-02-30', /line 3: when is not a time: 2024-02-30$/],
    ['2024/2/30 10:00', /line 3: when is not a time: /],
    ['-5', /line 3: when is not a time: -5$/],
    ['1577836800', /line 3: when may be in seconds, and others are in milliseconds: 1577836800$/],
  ] as const) {
    const first = time === '1577836800' ? '1577836800000' : time === '-5' ? '5' : '2024-02-29';
    assert.match(await errorOf([`1,a,${first}`, `2,b,${time}`]), message);
  }
  assert.match(await errorOf(['1,a,5', ' ,a,5']), /line 3: has no id$/);
  assert.match(await errorOf(['1,a,5', '1,,5']), /line 3: has no what$/);
  for (const date of ['01.03.2026', '1/3/2026 10:00', '01-03-26']) {
    assert.match(await errorOf([`1,a,${date}`]), /line 2: when may be day or month first: .*; write it as 2026-03-31$/);
  }
  for (const [from, to] of [
    ['01.03.2026 10:00', '13.03.2026 10:00'],
    ['3/1/2026 10:00 AM', '3/13/2026 10:00 AM'],
  ]) {
    const { cases: clear } = await readCases(table([1, 2, 3, 4].flatMap((i) => [`${i},a,${from}`, `${i},b,${to}`])), columns); // prettier-ignore
    assert.equal(
      clear[0]!.map(({ time }) => time),
      ['2026-03-01T10:00Z', '2026-03-13T10:00Z'].map((text) => Date.parse(text) / 1000),
    );
  }
  assert.match(await errorOf(['1,a,13.03.2026', '1,b,03.13.2026']), /line 2: when may be day or month first: 13/);
  assert.match(await errorOf(['1,a,yesterday']), /cases\.csv, line 2: when is not a time: yesterday$/);
  assert.match(await errorOf(['1,a,2020-01-01']), /needs at least four cases, got 1$/);
});

test('counts: a difference is divided by 1 + its range, and 1 is added for a key or a length never seen', () => {
  const sessions = [
    [1, 2, 2],
    [2, 1, 2],
    [1, 3],
  ];
  const known = countsOf(sessions, 5);
  assert.is(known.length, 2);
  const distance = countDistance(known);
  assert.equal(
    [[2, 1, 2], [1, 2], [1, 2, 4], [1], [1, 2, 3, 3]].map((session) => distance(session).toFixed(2)),
    ['0.00', '0.33', '2.33', '1.50', '1.83'],
  );
  assert.is(countDistance([[0, 0, 4]])([1, 1, 1, 1]), 9); // 1 + 8, for a key that was never seen
});

test('counts: each session against all others', () => {
  const sessions = [[1, 2, 2], [2, 1, 2], [1, 3], [1]];
  assert.equal(
    distancesToOthers(sessions, countsOf(sessions, 4)),
    [0, 0, 1.5, 1.5], // of those that are alone, one has the only 3, and the other is the shortest
  );
});

test('counts: the nearest is that of a search through all', () => {
  const random = seeded(4);
  const draw = (): number[] => Array.from({ length: 1 + random.integer(9) }, () => random.integer(4));
  for (let trial = 0; trial < 200; trial++) {
    const sessions = Array.from({ length: 2 + random.integer(20) }, draw);
    const known = countsOf(sessions, 5);
    const ranges = known[0]!.map((_, key) => {
      const counts = known.map((counts) => counts[key]!);
      return 1 + Math.max(...counts) - Math.min(...counts);
    });
    const far = (one: readonly number[], other: readonly number[]): number =>
      one.reduce((sum, count, key) => sum + Math.abs(count - other[key]!) / ranges[key]!, 0);
    const session = draw();
    const own = countsOf([session], 5)[0]!;
    const nearest = Math.min(...known.map((counts) => far(own, counts)));
    const lengths = sessions.map(({ length }) => length);
    const isStrange =
      session.length < Math.min(...lengths) ||
      session.length > Math.max(...lengths) ||
      session.some((key) => !sessions.flat().includes(key));
    assert.ok(Math.abs(countDistance(known)(session) - (nearest + (isStrange ? 1 : 0))) < 1e-12, `trial ${trial}`);
  }
});

test('a session of 200,000 events, and as many different sessions, are scored', async () => {
  const model = sequential({
    lstm: lstm({ inputSize: 3, hiddenSize: 2 }),
    linear: linear({ inputSize: 2, outputSize: 3 }),
  });
  const [highest] = await logRanks(model, [Array<number>(200_000).fill(1)]);
  assert.ok(highest! > 0 && highest! < 8);
  const known = Array.from({ length: 200_000 }, (_, i) => [0, i, 0]);
  assert.is(countDistance(known)([1, 1]), 0);
});

const small = [[1, 2, 3], [1, 3, 2], [2, 1], [3, 3], [1, 2], [2, 2, 1, 3], [3], [1, 1]];
const sizes = { keys: 5, hidden: 4 };
/** A network of sessions, quickly taught. */
const network = async (learning: readonly number[][], seed: string): Promise<Model> =>
  (await learnSessions(learning, { ...sizes, epochs: 3, seed, watch: identity }))!;
const meanOf = (models: readonly Model[]): Model =>
  ensembleOf(models, (networks) => sessionNetworks({ networks, size: sizes.keys, hidden: sizes.hidden }));

test('an ensemble gives the mean of what its networks give, step by step, and a file keeps its bits', async () => {
  const models = await Promise.all(['a', 'b', 'c'].map((seed) => network(small, seed)));
  const mean = meanOf(models);
  let states = models.map((model) => model.zeroState());
  let state = mean.zeroState();
  for (const token of [-1, 3, 1, 2]) {
    const each = models.map((model, n) => model.step(Int32Array.of(token), states[n]!));
    const both = mean.step(Int32Array.of(token), state);
    for (const [key, number] of both.output.data.entries()) {
      const expected = each.reduce((sum, { output }) => sum + output.data[key]!, 0) / 3;
      assert.ok(Math.abs(number - expected) < 1e-6, `${number} is not ${expected}`);
    }
    [states, state] = [each.map(({ state }) => state), both.state];
  }
  const layers = { sessionNetworks };
  const { model } = readModel(modelBytes(mean, { layers }), { layers });
  assert.equal(await logRanks(model, small), await logRanks(mean, small));
  for (const [n, one] of sessionNetworksOf(model).entries()) {
    assert.equal(await logRanks(one, small), await logRanks(models[n]!, small));
  }
});

test('an ensemble does not learn as a whole', async () => {
  const mean = meanOf([await network(small, 'a')]);
  const learn = trainModel(mean, { optimizer: adam() });
  const passes$ = from(small).pipe(sequences({ end: 0 }), learn);
  const error = await lastValueFrom(passes$).catch((error: unknown) => error as Error);
  assert.match((error as Error).message, /sessionNetworks: its networks learn apart, not together/);
});

test('the threshold is that of sessions scored by the networks that have not learned them', async () => {
  const options = { ...sizes, epochs: 3, seed: 7, rate: 1e-6, mixed: false, watch: () => identity };
  const score = await sessionScore(small, options);
  const part = (i: number): number => i % 4;
  const learned = [
    [2, 3],
    [0, 1],
    [1, 3],
    [0, 2],
    [1, 2],
    [0, 3],
  ]; // parts of each network
  const networks = await Promise.all(
    learned.map((parts, n) =>
      network(
        small.filter((_, i) => parts.includes(part(i))),
        `7 ${n}`,
      ),
    ),
  );
  const each = await Promise.all(networks.map((one) => logRanks(one, small)));
  const meanWhere = (i: number, isIn: (n: number) => boolean): number => {
    const ranks = each.filter((_, n) => isIn(n)).map((scores) => scores[i]!);
    return ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length;
  };
  const unseen = small.map((_, i) => meanWhere(i, (n) => !learned[n]!.includes(part(i))));
  assert.is(score.threshold, Math.max(...unseen));
  assert.equal(
    await scoresOf(score, small),
    small.map((_, i) => meanWhere(i, () => true)),
  );
});

test('two and three sessions are enough; a stop leaves the networks that have learned', async () => {
  const options = { ...sizes, epochs: 2, seed: 1, rate: 0.01, mixed: true };
  for (const count of [2, 3]) {
    const { threshold } = await sessionScore(small.slice(0, count), { ...options, watch: () => identity });
    assert.ok(Number.isFinite(threshold));
  }
  for (const [stopAt, networks] of [
    [1, 1],
    [2, 2],
    [6, 6],
  ] as const) {
    const stop$ = new Subject<void>();
    const watch = (network: number): MonoTypeOperatorFunction<Epoch> =>
      tap(({ epoch }) => {
        if (network === stopAt && epoch === 2) stop$.next();
      });
    const score = await sessionScore(small, { ...options, epochs: 3, stop$, watch });
    assert.ok(Number.isFinite(score.threshold));
    assert.is(score.networks.length, networks);
  }
  const stopped = sessionScore(small, { ...options, stop$: of(1), watch: () => identity });
  const error = await stopped.catch((error: unknown) => error as Error);
  assert.match((error as Error).message, /ended before the first sessions: nothing was learned/);
});

test('a file of one network, as files had it before, is refused', async () => {
  const path = join(emptyFolder(), 'old.safetensors');
  const model = sequential({
    lstm: lstm({ inputSize: 3, hiddenSize: 2 }),
    linear: linear({ inputSize: 2, outputSize: 3 }),
  });
  const vocabulary = vocabularyOf(['<end>', 'a', '<other>']);
  for (const provenance of [{ sessions: { threshold: 6 } }, { sessionScore: { threshold: 6 } }]) {
    saveModel(path, model, { vocabulary, provenance });
    await assertRefused('events.ts', ['--model', path, ...TESTED], /old\.safetensors is not a score of sessions/);
  }
});

for (const [what, learn, use] of [
  ['a score', ['--train', train, '--score', 'mixed'], []],
  [
    'a model of next events',
    ['--next', '--data', table(cases.flat()), '--case', 'id', '--event', 'what', '--time', 'when'],
    2,
  ],
] as const) {
  test(`--out saves ${what}, --model reads it`, async () => {
    const out = join(emptyFolder(), 'events.safetensors');
    const tested = use === 2 ? [] : ['--normal', good, '--abnormal', bad];
    const small = ['--epochs', '5', '--hidden', '4', '--json'];
    const learned = await runScript('events.ts', [...learn, ...tested, ...small, '--out', out]);
    assert.equal([learned.status, learned.stderr], [0, '']);
    const args = use === 2 ? learn : tested;
    const read = await runScript('events.ts', [...args, '--model', out, '--json']);
    if (use === 2) {
      const seen = file('seen.csv', ['id,what,when', ...cases.slice(0, 20).flat()]);
      const none = ['--next', '--data', seen, ...learn.slice(3), '--model', out];
      await assertRefused('events.ts', none, /seen\.csv: --model has learned all of its cases: none is left to test$/m);
    }
    const left = use === 2 ? '20 cases that --model has learned left out: 10 to test\n' : '';
    assert.equal([read.status, read.stderr], [0, left]);
    const last = learned.stdout.trimEnd().split('\n').at(-1)!;
    const { counting, ...figures } = JSON.parse(last) as Record<string, unknown>; // of the sessions that were learned
    assert.ok(counting);
    assert.equal(JSON.parse(read.stdout), use === 2 ? { ...figures, counting } : figures);
    const wrong =
      use === 2
        ? TESTED
        : ['--next', '--data', table(cases.flat()), '--case', 'id', '--event', 'what', '--time', 'when'];
    await assertRefused('events.ts', [...wrong, '--model', out], /is not a (?:score of sessions|model of next)/);
    await assertRefused('events.ts', [...args, '--model', out, '--epochs', '2'], /--epochs: is not for --model/);
  });
}

for (const [what, args] of [
  ['Ctrl-C', `--train ${train} --normal ${good} --abnormal ${bad}`],
  ['Ctrl-C, --next', `--next --data ${table(cases.flat())} --case id --event what --time when`],
] as const) {
  test(`${what} saves what was learned`, async () => {
    const go = `$SCRIPT ${args} --epochs 1000000 --hidden 4 --json --out m >o & p=$!; for i in $(seq 600); do grep -qs . o && break; sleep 0.1; done`;
    const { stdout, stderr } = await runShell('events.ts', `${go}; kill -INT $p; wait $p; echo $?; grep -c stopped m`);
    assert.equal(stdout.trim().split('\n'), ['0', '1'], 'saved, and marked');
    assert.is(stderr, '\nsaving what was learned; Ctrl-C again to leave at once\n');
  });
}

for (const args of [
  `--train ${train} ${TESTED.join(' ')}`,
  `--next --data ${table(cases.flat())} --case id --event what --time when`,
]) {
  test(`| head ends the learning of what saves nothing: ${args.slice(0, 7)}`, async () => {
    const go = `$SCRIPT ${args} --epochs 1000000 --hidden 4 --json | head -1; echo \${PIPESTATUS[0]}`;
    const { stdout, stderr } = await runShell('events.ts', go);
    assert.match(stdout, /^\{"network":1,"epoch":1,[^\n]*\n0\n$/);
    assert.is(stderr, '');
  });
}

test('--scan prints the strange sessions of a file, each with its line', async () => {
  const folder = emptyFolder();
  const path = file('scanned', ['open read close', '', 'open read close', 'close never open']);
  const args = ['--train', train, '--hidden', '8', '--epochs', '3', '--false-alarms', '0.5', '--scan', path];
  const { status, stdout, stderr } = await runScript('events.ts', [...args, '--out', 'm.safetensors'], folder);
  assert.is(status, 0, stderr);
  assert.match(stdout, /^line 4, rank [\d.]+: close never open\n/m);
  assert.match(stdout, /\d of 3 sessions strange, above rank [\d.]+\n$/);
  const again = await runScript('events.ts', ['--model', 'm.safetensors', '--scan', path, '--json'], folder);
  const lines = again.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { line: number; strange: boolean; unknown: number });
  assert.equal(
    lines.map(({ line, unknown }) => [line, unknown]),
    [
      [1, 0],
      [3, 0],
      [4, 1],
    ],
  );
  const said = 'in no session that was learned: never; they count as one event, which is never expected\n';
  assert.ok(stderr.endsWith(`1 event of 1 session is ${said}`), stderr);
  assert.ok(lines[2]!.strange);
  assert.is(again.stderr, '', 'what was learned to the end is not marked');
});

test('files of a test are given together, and not beside --scan', async () => {
  await assertRefused(
    'events.ts',
    ['--train', train],
    /--train: give --train, --normal and --abnormal, or --train and --scan/,
  );
  await assertRefused('events.ts', ['--normal', good, '--scan', bad], /--normal: is for a test, and --scan is none/);
  await assertRefused(
    'events.ts',
    ['--abnormal', good, '--train', train],
    /--train and --abnormal: give .*, or --train and --out to keep/,
  );
  const none = join(emptyFolder(), 'm');
  await assertRefused('events.ts', ['--model', none], /: --model: give --normal and --abnormal, or --scan\n$/);
  await assertRefused('events.ts', ['--model', none, '--normal', good], /--normal: give --normal and --abnormal, or/);
});

test('names of columns are compared without the blanks around them', async () => {
  const path = file('blanks.csv', ['id, what,when ', ...['1', '2', '3', '4'].map((id) => `${id},a,${id}`)]);
  const { names, cases } = await readCases(path, { case: 'id ', event: 'what', time: 'when' });
  assert.equal([names.length, cases[1]![0]], [4, { event: 'a', time: 2 }]);
});

test('cases of two events are refused before anything is learned', async () => {
  const pairs = file('two.csv', [
    'case,event,time',
    ...Array.from({ length: 12 }, (_, i) => `${i >> 1},${i % 2},${i}`),
  ]);
  const message = /two\.csv: of 2 cases to test none has three events, so that there is nothing to count; --predict/;
  await assertRefused('events.ts', ['--next', '--data', pairs, '--json'], message);
});

test('a column that is missing is named with the option that names another', async () => {
  const args = ['--next', '--data', file('columns.csv', ['id,what,when', '1,a,2020-01-01'])];
  await assertRefused('events.ts', args, /there is no column case, only id, what, when; --case names another$/m);
  await assertRefused('events.ts', [...args, '--case', 'id', '--event', 'what'], /no column time, .*; --time names/);
});

test('--train and --out learn and save, and test nothing', async () => {
  const learn = `$SCRIPT --train ${train} --hidden 4 --epochs 2 --out m`;
  const line = `${learn}; ${learn} --json | tail -1; $SCRIPT --model m --scan ${good} --json | wc -l`;
  const { status, stdout, stderr } = await runShell('events.ts', line);
  assert.is(status, 0, stderr);
  assert.match(stderr, /to learn, none to test\n(?:network .*\n)+saved in m\n$/);
  const [saved, scanned] = stdout.trim().split('\n');
  assert.equal(Object.keys(JSON.parse(saved!)), ['threshold']);
  assert.ok(Number(scanned) > 0);
});

test('sessions and cases that are too long to be learned are refused, and long sessions are scored', async () => {
  const folder = emptyFolder();
  const [path, csv, short, model] = ['long.txt', 'cases.csv', 'short.txt', 'model'].map((name) => join(folder, name)) as [string, string, string, string]; // prettier-ignore
  const sessions = 'a b c\n'.repeat(5);
  writeFileSync(short, sessions);
  writeFileSync(path, `${sessions}\n${'a '.repeat(10_000)}\n${'a '.repeat(10_001)}\n`);
  for (const options of [
    ['--scan', short],
    ['--out', model],
    ['--normal', short, '--abnormal', short],
  ]) {
    await assertRefused(
      'events.ts',
      ['--train', path, ...options],
      /long\.txt, line 8: has 10001 events, of which at most 10000 are learned at once; split it or leave it out\n$/,
    );
  }
  const scanned = await runScript(
    'events.ts',
    ['--train', short, '--scan', path, '--epochs', '1', '--hidden', '4'],
    folder,
  );
  assert.is(scanned.status, 0, scanned.stderr);

  const rows = Array.from({ length: 10_001 }, (_, i) => `long,a,${i}`);
  for (const name of ['x', 'y', 'z', 'u']) rows.push(`${name},a,20000`, `${name},b,20001`);
  writeFileSync(csv, `case,event,time\n${rows.join('\n')}\n`);
  await assertRefused(
    'events.ts',
    ['--next', '--data', csv, '--out', model],
    /cases\.csv: case long: has 10001 events, of which at most 10000 are learned at once; split it or leave it out\n$/,
  );
});

test.run();
