// The operating side of `surprise --learn`: state, following, metrics, webhook, forms of output, folding of alarms.
import { spawn } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { from, identity, lastValueFrom, map, Subject, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { safeJson } from '../../pipelines/cli/safeJson.js';
import { alarmText, foldText, followText } from '../../pipelines/surprise/alarmText.js';
import { type Fold, foldAlarms } from '../../pipelines/surprise/foldAlarms.js';
import { followAlarms } from '../../pipelines/surprise/followAlarms.js';
import { lagMeter } from '../../pipelines/surprise/lagMeter.js';
import { lagWatch } from '../../pipelines/surprise/lagWatch.js';
import { metricsText, parseAddress, serveMetrics } from '../../pipelines/surprise/metrics.js';
import { monitor as makeMonitor } from '../../pipelines/surprise/monitor.js';
import { otlpText } from '../../pipelines/surprise/otlpText.js';
import { printer } from '../../pipelines/surprise/printer.js';
import { sampleBehind } from '../../pipelines/surprise/sampleBehind.js';
import type { AlarmOf, Scored } from '../../pipelines/surprise/scored.js';
import type { Scoring } from '../../pipelines/surprise/scoring.js';
import { statusLine } from '../../pipelines/surprise/statusLine.js';
import { strangest } from '../../pipelines/surprise/strangest.js';
import { unlikeTraces } from '../../pipelines/surprise/unlikeTraces.js';
import { type Delivery, webhook } from '../../pipelines/surprise/webhook.js';
import { monitor } from '../drills/monitor.js';
import { PATIENCE, until } from '../support/until.js';
import { lineScorer } from '../../src/index.js';
import { bundledScript } from './bundledScript.js';
import { assertRefused, emptyFolder, runScript } from './runScript.js';

const alarm: AlarmOf = { kind: 'line', key: 'a', since: 7, threshold: 12, count: 1 };
const scored: Scored = {
  line: 'session opened for user fztu by (uid=0)',
  number: 12_346,
  bits: 40,
  bitsPerCharacter: 1,
  score: 31.25,
  template: 4,
  templateText: 'session opened for user <*> by <*>',
  time: Date.UTC(2026, 0, 2, 3, 4, 5),
  severity: 'warn',
  strange: [{ text: 'fztu', from: 24, to: 28, bits: 30 }],
  why: {
    expected: 'session closed for user root',
    seen: 'session opened',
    newWords: ['fztu'],
    reasons: ['rare template'],
  },
  alarm,
};

test('killed while following a file that grows and is rotated: every line comes once, with the same numbers', async () => {
  const { lines, rotations } = await monitor(3, 7);
  assert.ok(lines! > 20, `${lines} lines`);
  assert.ok(rotations! >= 0);
});

test('an alarm for people fits the terminal, with marks below where there are no colours', () => {
  const plain = alarmText(scored, { columns: 80, colours: false });
  assert.is(
    plain,
    [
      'STRANGE 03:04:05 · line 12,346 · warn · score 31.3, alarm from 12.0',
      '  session opened for user fztu by (uid=0)',
      '                          ^^^^',
      '  rare template · new: "fztu" · expected: session closed for user root',
    ].join('\n'),
  );
  const narrow = alarmText({ ...scored, line: `${'日本'.repeat(12)} \u001b[31m ${'x'.repeat(500)}` }, { columns: 40, colours: false }); // prettier-ignore
  for (const row of narrow.split('\n')) {
    const width = Array.from(row).reduce((sum, symbol) => sum + (/\p{Script=Han}/u.test(symbol) ? 2 : 1), 0);
    assert.ok(width <= 40, row);
  }
  assert.match(narrow, '\\u001b[31m');
  assert.match(narrow, /\n {2}…\n/);
  assert.match(alarmText(scored, { columns: 80, colours: true, repeated: true }), 'perhaps said before');
});

test('what is said for good is broken at spaces on a terminal, and is one line elsewhere', () => {
  const said = (stream: { readonly isTTY: boolean; readonly columns?: number }): string => {
    let text = '';
    const write = (more: string): boolean => ((text += more), true);
    const line = statusLine(true, { ...stream, write } as unknown as NodeJS.WriteStream);
    line.show(() => 'learning: 7 of about 250 lines');
    line.say('learning from the first 250 lines; nothing is marked yet');
    return text;
  };
  assert.is(
    said({ isTTY: true, columns: 40 }),
    '\rlearning: 7 of about 250 lines\u001b[K\r\u001b[Klearning from the first 250 lines;\nnothing is marked yet\n', // prettier-ignore
  );
  assert.is(said({ isTTY: false }), 'learning from the first 250 lines; nothing is marked yet\n');
});

test('equal alarms within a time are one, by the time of the lines', async () => {
  const at = (seconds: number, key: string): Scored => ({
    ...scored,
    number: seconds,
    time: seconds * 1000,
    alarm: { ...alarm, key },
  });
  const ended: Fold[] = [];
  const list = [
    at(1, 'a'),
    at(2, 'a'),
    at(3, 'b'),
    { ...scored, alarm: undefined as never },
    at(4, 'a'),
    at(12, 'a'),
    at(1, 'a'),
  ];
  const folds = new Map<string, Fold>();
  const counts = await lastValueFrom(
    from(list).pipe(foldAlarms({ within: 6000, now: () => 0, folds, ended: (fold) => ended.push(fold) }), toArray()),
  );
  assert.equal(counts.map((line) => line.alarm?.count), [1, 2, 1, undefined, 3, 1, 1]); // prettier-ignore
  assert.equal(ended.map(({ key, count, last }) => [key, count, last]), [['a', 3, 4]]); // prettier-ignore
});

test('an alarm with a clearly higher score than the one that was shown is shown, too', () => {
  const folds = new Map<string, Fold>();
  const ended: number[] = [];
  const counts: (number | undefined)[] = [];
  from([20, 24.9, 25.1, 31, 31.5, 20].map((score): Scored => ({ ...scored, alarm: { ...alarm, score } })))
    .pipe(foldAlarms({ within: 6000, now: () => 0, folds, ended: ({ count }) => ended.push(count) }))
    .subscribe((line) => counts.push(line.alarm?.count));
  assert.equal(counts, [1, 2, 1, 2, 1, 2]);
  assert.equal(ended, [2, 2, 2]);
});

/** Counts of the alarms of lines, each with the number of its record, that go through folding and the comparing of traces. */
function shownOf(rows: readonly (readonly [record: number, line: string, alarms?: boolean])[]): (number | undefined)[] {
  const folds = new Map<string, Fold>();
  const templates: string[] = [];
  const counts: (number | undefined)[] = [];
  from(rows)
    .pipe(
      map(([record, line, alarms = false], i): Scored => {
        const masked = line.replaceAll(/\d+/g, '#');
        if (!templates.includes(masked)) templates.push(masked);
        const { alarm: _, ...rest } = scored;
        const own = { ...rest, line, number: i + 1, record, template: templates.indexOf(masked) };
        return alarms ? { ...own, alarm } : own;
      }),
      foldAlarms({ within: 6000, now: () => 0, folds, ended: () => undefined }),
      unlikeTraces(folds),
    )
    .subscribe((line) => counts.push(line.alarm?.count));
  return counts;
}

test('alarms soon after another one follow it, but for one that is clearly stranger', async () => {
  const at = (number: number, seconds: number | null, score = 20): Scored => ({
    ...scored,
    number,
    score,
    time: seconds === null ? null : 1000 * seconds,
  });
  const followed = (...list: readonly Scored[]): Promise<(number | undefined)[]> => follows(list);
  const crash = [at(1, 0), at(40, 9), at(80, 18), at(90, 29), at(91, 30, 26), at(92, 31)];
  assert.equal(await followed(...crash), [undefined, 1, 1, undefined, undefined, 91]);
  const storm = Array.from({ length: 10 }, (_, i) => at(i, 9 * i));
  assert.equal(await followed(...storm), [undefined, 0, 0, 0, 0, 0, 0, undefined, 7, 7]);
  assert.equal(await followed(at(1, null), at(31, null), at(62, null)), [undefined, 1, undefined]);
  assert.equal(await followed(at(1, 0), { ...at(2, 1), alarm: { ...alarm, count: 2 } }, { ...at(3, 2), alarm: undefined as never }, at(4, 3)), [undefined, undefined, undefined, 1]); // prettier-ignore
});

test('alarms of several kinds are compared by how far they are above their thresholds, and a graver one does not follow', async () => {
  const at = (number: number, of: Partial<AlarmOf>, score: number, severity: string | null = 'warn'): Scored => ({
    ...scored,
    number,
    score,
    severity,
    time: 1000 * number,
    alarm: { ...alarm, ...of },
  });
  const rush = at(1, { kind: 'rush', score: 5, threshold: 3 }, 0.5);
  const burst = at(2, { kind: 'burst', score: 4, threshold: 1 }, 0.5);
  const line = at(3, { score: 2, threshold: 1.5 }, 2);
  const strange = at(4, { score: 24, threshold: 12 }, 24);
  for (const [list, expected] of [
    [[rush, line], [undefined, 1]],
    [[rush, burst, line], [undefined, undefined, 2]],
    [[line, strange], [undefined, undefined]],
    [[burst, strange], [undefined, 2]],
    [[at(5, { score: 30, threshold: 12 }, 5), at(6, { score: 24, threshold: 12 }, 24)], [undefined, 5]],
  ] as const) assert.equal(await follows(list), expected); // prettier-ignore

  const grades = [null, 'notice', 'warn', 'error', 'critical'];
  const rising = grades.map((severity, i) => at(i, {}, 20, severity));
  assert.equal(await follows(rising), [undefined, undefined, undefined, undefined, undefined]);
  assert.equal(await follows(rising.toReversed()), [undefined, 4, 4, 4, 4]);
  assert.equal(await follows([at(0, {}, 20, 'critical'), at(1, {}, 20), at(2, {}, 20, 'critical')]), [undefined, 0, 0]);
});

async function follows(list: readonly Scored[]): Promise<(number | undefined)[]> {
  const all = await lastValueFrom(from(list).pipe(followAlarms(), toArray()));
  return all.map(({ alarm }) => alarm?.follows);
}

test('an alarm that follows another one says where it may have been printed before, on standard output too', async () => {
  const following = { ...scored, alarm: { ...alarm, follows: 9 } };
  const said = followText(following, { columns: 80, repeated: true });
  assert.match(said, '  and line 12,346 · warn · perhaps said before · session opened');
  assert.not.match(followText(following, { columns: 80 }), 'perhaps');
  const { print } = printer({ form: 'text', all: false, sure: false, colours: false, status: statusLine(false), text: () => '', tellsAlarms: false }); // prettier-ignore
  const { write } = process.stdout;
  let printed = '';
  process.stdout.write = ((chunk: string | Uint8Array, done?: () => void) => {
    printed += String(chunk);
    if (typeof done === 'function') done();
    return true;
  }) as typeof write;
  try {
    await lastValueFrom(print(following, true), { defaultValue: undefined });
  } finally {
    process.stdout.write = write;
  }
  assert.match(printed, 'perhaps said before');
});

test('an alarm that follows another one is two rows at most, with what its trace says', () => {
  const row = followText({ ...scored, trace: ['Error: lost', '  at own (app.js:3)'] }, { columns: 80 });
  assert.equal(row.split('\n'), [
    '  and line 12,346 · warn · session opened for user fztu by (uid=0)',
    '  Error: lost',
    '    at own (app.js:3)',
  ]);
  for (const line of followText({ ...scored, line: '日本'.repeat(30) }, { columns: 40 }).split('\n')) {
    assert.ok(Array.from(line).reduce((sum, symbol) => sum + (/\p{Script=Han}/u.test(symbol) ? 2 : 1), 0) <= 40);
  }
  const many = followText({ ...scored, alarm: { ...alarm, kind: 'rush' } }, { columns: 80 });
  assert.match(many, '  and line 12,346 · warn · rare template · session opened');
  const rows = followText({ ...scored, line: 'served '.repeat(60) }, { columns: 40 }).split('\n');
  assert.equal([rows.length, rows.every((line) => line.length <= 40), rows[1]!.endsWith('…')], [2, true, true]);
});

test('while nothing comes the status line says for how long, unless lines are typed beside it', async () => {
  const common = { file: undefined, follow: false, state: undefined, settings: {}, metrics: undefined, webhook: undefined, mostLag: 10 }; // prettier-ignore
  const watches = [false, true].map((typed) => {
    const shown: string[] = [];
    const status = { note: () => undefined, say: () => undefined, show: (text: () => string) => void shown.push(text()), clear: () => undefined }; // prettier-ignore
    return { shown, watch: makeMonitor({ ...common, typed, status }) };
  });
  const scoring = { summary: () => '', end: () => undefined } as unknown as Scoring;
  for (const { watch } of watches) await watch.start(scoring);
  const [quiet, typed] = watches;
  await until(() => quiet!.shown.some((text) => / · no line for \d+ s$/.test(text)));
  for (const { watch } of watches) {
    watch.reached(undefined);
    watch.count({ ...scored, number: 1, learning: false });
    watch.done();
  }
  assert.not.match(quiet!.shown.at(-1)!, /ago|no line/);
  await until(() => quiet!.shown.some((text) => / · 1 alarm · last line \d+ s ago$/.test(text)));
  assert.is(typed!.shown.length, 1);
  for (const { watch } of watches) await watch.end();
});

test('of traces what was thrown and the first own frame are compared, though the line of the alarm is the same', () => {
  const python = (record: number, name: string, thrown: string) =>
    [
      [record, 'Traceback (most recent call last):', true],
      [record, `  File "/srv/app/jobs.py", line ${7 - record}, in ${name}`],
      [record, thrown],
    ] as const;
  const rows = [
    ...python(0, 'charge', 'TimeoutError: no answer in 30 s'),
    ...python(-1, 'charge', 'TimeoutError: no answer in 31 s'),
    ...python(-2, 'refund', 'TimeoutError: no answer in 30 s'),
    ...python(-3, 'charge', 'KeyError: amount'),
    ...python(-4, 'refund', 'TimeoutError: no answer in 30 s'),
  ];
  const none = undefined;
  assert.equal(shownOf(rows), [1, none, none, 2, none, none, 3, none, 1, 3, none, 1, 3, none, none]); // prettier-ignore
  const json = (stack: string): string => JSON.stringify({ level: 50, msg: 'order failed', err: { stack } });
  const [pool, other] = ['createOrder (/app/src/orders.js:44:12)', 'refund (/app/src/orders.js:91:3)'].map((frame) => json(`PoolError: no connection\n    at ${frame}`)); // prettier-ignore
  assert.equal(shownOf([[1, pool!, true], [2, pool!, true], [3, other!, true], [4, other!, true]]), [1, 2, 1, 3]); // prettier-ignore
});

test('what a fold is about is in it, so that it can be said by a run that goes on', () => {
  const folds = new Map<string, Fold>();
  const options = { within: 6000, now: () => 0, folds, ended: () => undefined };
  const of = (line: string): Scored => ({ ...scored, line });
  from([of('first \u001b[31m'), of('second')])
    .pipe(foldAlarms(options))
    .subscribe();
  const [fold] = JSON.parse(JSON.stringify([...folds.values()])) as Fold[];
  const later = { ...fold!, count: fold!.count + 1 };
  assert.is(foldText(later, 80), '… 1 more like it up to line 12,346: first \\u001b[31m');
  assert.is(foldText({ ...later, line: undefined as never }, 80), '… 1 more like it up to line 12,346');
});

test('a score is shown beside what it was compared with', () => {
  const head = (alarm: AlarmOf): string => alarmText({ ...scored, alarm }, { columns: 200, colours: false }).split('\n')[0]!; // prettier-ignore
  assert.match(head({ ...alarm, score: 40.5 }), 'score 31.3 + 9.3 as a rare error, alarm from 12.0');
  assert.match(
    head({ ...alarm, kind: 'rush', score: 4.5, threshold: 3 }),
    'BURST 03:04:05 · line 12,346 · warn · 23 times as often as before, alarm from 8.0',
  );
  assert.match(head({ ...alarm, kind: 'burst', score: 14.25 }), 'mean score of ten lines 14.3, alarm from 12.0');
  assert.match(head({ ...alarm, score: scored.score }), 'score 31.3, alarm from 12.0');
});

test('a run that goes on folds as the one before: also without time stamps, and each alarm is reported once', () => {
  const { time: _, ...bare } = scored;
  const ended: [string, number, number | undefined][] = [];
  let now = 1_700_000_000_000;
  let folds = new Map<string, Fold>();
  const run = (keys: readonly string[], line: Omit<Scored, 'time'> = bare): (number | undefined)[] => {
    folds = new Map((JSON.parse(JSON.stringify([...folds.values()])) as Fold[]).map((fold) => [fold.key, fold]));
    const counts: (number | undefined)[] = [];
    from(keys.map((key): Scored => ({ ...line, alarm: { ...alarm, key } })))
      .pipe(
        foldAlarms({
          within: 600_000,
          now: () => now,
          folds,
          ended: ({ key, count, told }) => ended.push([key, count, told]),
        }),
      ) // prettier-ignore
      .subscribe((counted) => counts.push(counted.alarm?.count));
    return counts;
  };
  assert.equal(run(['a', 'a', 'b']), [1, 2, 1]);
  assert.equal(ended, [['a', 2, undefined]]); // prettier-ignore
  now += 60_000;
  assert.equal(run(['a', 'b']), [3, 2]);
  assert.equal(ended.slice(1), [['a', 3, 2], ['b', 2, 1]]); // prettier-ignore
  assert.equal([...folds.values()].map(({ key, told }) => [key, told]), [['a', 3], ['b', 2]]); // prettier-ignore
  now += 600_000;
  assert.equal(run(['b']), [1]);
  assert.is(ended.length, 3, 'nothing new came');
  now -= 3_600_000;
  assert.equal(run(['b']), [1], 'a clock that was set back');
});

test('a line without a time comes as long after the last one that has one as it arrives', () => {
  let now = 1_700_000_000_000;
  const folds = new Map<string, Fold>();
  const { time, ...bare } = scored;
  const counts: (number | undefined)[] = [];
  const line$ = new Subject<Scored>();
  line$.pipe(foldAlarms({ within: 1000, now: () => now, folds, ended: () => undefined })).subscribe((line) => counts.push(line.alarm?.count)); // prettier-ignore
  line$.next(scored);
  line$.next({ ...bare, alarm: { ...alarm, key: 'b' } });
  line$.next({ ...scored, time: time! + 500 });
  now += 500;
  line$.next({ ...bare, alarm: { ...alarm, key: 'b' } });
  now += 1001;
  line$.next({ ...bare, alarm: { ...alarm, key: 'b' } });
  assert.equal(counts, [1, 1, 2, 2, 1]);
});

test('the time of an alarm is that of the line in its own zone, or that of arrival in this machine’s', () => {
  const before = process.env['TZ'];
  process.env['TZ'] = 'Asia/Kolkata';
  const first = (line: Scored, arrived?: Date): string =>
    alarmText(line, { columns: 80, colours: false, ...(arrived && { arrived }) }).split(' · ')[0]!;
  const { time: _, ...bare } = scored;
  assert.is(first(bare, new Date(Date.UTC(2026, 0, 2, 22, 0, 5))), 'STRANGE 03:30:05');
  assert.is(first({ ...scored, line: '2026-01-02T01:34:05-01:30 session opened' }), 'STRANGE 01:34:05');
  assert.is(first({ ...scored, line: '12:00:17 was not its time' }), 'STRANGE 03:04:05');
  assert.is(first(bare), 'STRANGE');
  if (before === undefined) delete process.env['TZ'];
  else process.env['TZ'] = before;
});

test('JSON steers no terminal', () => {
  const line = 'a\u009b31m \u202e b \u{e0001} \u2028 \u200b \ud800 "\\u009b"';
  const otlp = otlpText({ ...scored, line, templateText: line }, 'app', 0);
  for (const text of [safeJson({ line }), otlp]) assert.not.match(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  assert.equal(JSON.parse(safeJson({ line })), { line });
  assert.is(safeJson({ line: 'é\u{1f600}' }), JSON.stringify({ line: 'é\u{1f600}' }));
  assert.is(
    safeJson({ a: 1 }, (_, value) => (value === 1 ? '\u0085' : value)),
    String.raw`{"a":"\u0085"}`,
  );
});

test('folds are bounded', async () => {
  const folds = new Map<string, Fold>();
  const list = Array.from({ length: 5000 }, (_, i) => ({ ...scored, alarm: { ...alarm, key: `${i}` } }));
  const seen: number[] = [];
  from(list).pipe(foldAlarms({ within: 1e9, now: () => 0, folds, ended: () => undefined })).subscribe({ next: () => seen.push(folds.size) }); // prettier-ignore
  assert.is(Math.max(...seen), 1000);
});

test('the strangest lines: those of the warm-up give way', () => {
  const top = strangest(3);
  for (let i = 0; i < 1000; i++) top.add({ ...scored, number: i, score: (i * 37) % 1000, learning: false });
  top.add({ ...scored, number: 5000, score: 9999, learning: true });
  assert.equal(top.list().map(({ score }) => score), [999, 998, 997]); // prettier-ignore
});

test('the strangest lines are kept in bounded memory: of a long one the beginning', () => {
  const long = 'abc '.repeat(100_000);
  const strange = Array.from({ length: 500 }, (_, i) => ({ text: long, from: i, to: i + 1, bits: 9 }));
  const numbers = Symbol('numbers');
  const top = strangest(2);
  const odd: Scored & { readonly [numbers]: readonly number[] } = {
    ...scored,
    line: long,
    templateText: long,
    strange,
    [numbers]: Array.from(long, () => 1),
  };
  top.add(odd);
  const [kept] = top.list() as (typeof odd)[];
  assert.is(kept!.line, `${long.slice(0, 4096)}…`);
  assert.equal([kept!.templateText!.length, kept!.strange.length, kept!.strange[0]!.text.length, kept![numbers].length], [4097, 100, 4097, 4096]); // prettier-ignore
  assert.is(kept!.score, scored.score);
});

test('while behind, of lines that differ in numbers alone one in ten is kept, and nothing rare is left out', async () => {
  const list = Array.from({ length: 1000 }, (_, i) => ({ line: i === 500 ? 'rare' : `request ${i} served` }));
  let left = 0;
  let behind = 0;
  const sample = sampleBehind({ behind: () => behind++ >= 100, leftOut: () => (left += 1) });
  const kept = await lastValueFrom(from(list).pipe(sample, toArray()));
  assert.is(kept.filter(({ line }) => line === 'rare').length, 1);
  assert.equal([kept.length, kept.length + left], [100 + 1 + 10 + 88, 1000]);
});

test('a line as OTLP-JSON', () => {
  const { resourceLogs } = JSON.parse(otlpText(scored, 'app', 1.5)) as { resourceLogs: [{ scopeLogs: [{ logRecords: [Record<string, unknown>] }] }] }; // prettier-ignore
  const [record] = resourceLogs[0].scopeLogs[0].logRecords;
  for (const time of [78_008_117, 78_008_117 + 3650 * 86_400_000]) {
    assert.match(otlpText({ ...scored, time }, 'app', 2), '"timeUnixNano":"2000000"', 'a clock without a day');
  }
  assert.equal(
    [record['timeUnixNano'], record['observedTimeUnixNano'], record['severityNumber'], record['body']],
    ['1767323045000000000', '1500000', 13, { stringValue: scored.line }],
  );
  const attributes = record['attributes'] as { key: string; value: unknown }[];
  assert.equal(attributes.find(({ key }) => key === 'log.record.template')!.value, {
    stringValue: scored.templateText,
  });
  assert.equal(attributes.find(({ key }) => key === 'rxrnn.score')!.value, { doubleValue: 31.25 });
});

test('metrics in the text of Prometheus; those that are not measured are left out', () => {
  const metric = { name: 'lines_total', type: 'counter', help: 'Lines.' } as const;
  assert.is(metricsText([{ ...metric, value: 3 }, { ...metric, value: NaN }]), '# HELP lines_total Lines.\n# TYPE lines_total counter\nlines_total 3\n'); // prettier-ignore
});

for (const [text, host, port] of [
  ['9464', '127.0.0.1', 9464],
  [':9464', '127.0.0.1', 9464],
  ['0.0.0.0:1', '0.0.0.0', 1],
  ['[::1]:80', '::1', 80],
] as const) {
  test(`--metrics ${text}`, () => assert.equal(parseAddress(text), { host, port }));
}

test('metrics are served to this machine, by GET, at /metrics', async () => {
  const server = await serveMetrics('127.0.0.1:0', () => [{ name: 'a', type: 'gauge', help: 'b', value: 1 }]);
  const { port } = server.address() as AddressInfo;
  const get = async (path: string, host?: string, method = 'GET'): Promise<[number | undefined, string]> => {
    const asked = request({ port, path, method, ...(host !== undefined && { headers: { host } }), agent: false }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) text += chunk as string;
    return [answer.statusCode, text];
  };
  assert.equal(await get('/metrics'), [200, '# HELP a b\n# TYPE a gauge\na 1\n']);
  assert.is((await get('/'))[0], 404);
  assert.is((await get('/metrics', 'evil.example'))[0], 403);
  assert.is((await get('/metrics', undefined, 'POST'))[0], 405);
  await assertRejects(
    serveMetrics(`127.0.0.1:${port}`, () => []),
    /^--metrics 127\.0\.0\.1:\d+: the port is taken$/,
  );
  server.close();
});

/** A receiver that answers by `answer`, and what it was sent. */
async function receiver(answer: (times: number) => number | undefined) {
  const sent: { readonly headers: Record<string, unknown>; readonly body: string }[] = [];
  const server: Server = createServer((asked, response) => {
    let body = '';
    asked.setEncoding('utf8').on('data', (chunk: string) => void (body += chunk));
    asked.on('end', () => {
      sent.push({ headers: asked.headers, body });
      const status = answer(sent.length);
      if (status !== undefined) response.writeHead(status, { location: '/elsewhere' }).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, sent, close };
}

test('the webhook: signed, tried again with the same id, in order; what is refused is given up', async () => {
  const { url, sent, close } = await receiver((times) => [503, 200, 400, 302, 204][times - 1]);
  const said: string[] = [];
  const hook = webhook(url, { secret: `whsec_${Buffer.from('secret').toString('base64')}`, say: (text) => said.push(text), pause: 5 }); // prettier-ignore
  for (const id of ['a', 'b', 'c', 'd']) hook.post(id, { id });
  await hook.close(PATIENCE);
  assert.equal(sent.map(({ headers }) => headers['webhook-id']), ['a', 'a', 'b', 'c', 'd']); // prettier-ignore
  assert.equal([hook.delivered, hook.dropped, hook.waiting], [2, 2, []]);
  assert.equal(said, [
    'the webhook answers with status 503, and is tried again',
    'the webhook refused an event with status 400',
    'the webhook refused an event with status 302',
  ]);
  const { headers, body } = sent[0]!;
  const expected = createHmac('sha256', 'secret').update(`a.${String(headers['webhook-timestamp'])}.${body}`).digest('base64'); // prettier-ignore
  assert.is(headers['webhook-signature'], `v1,${expected}`);
  close();
});

test('a webhook that hangs holds nobody up, and its queue is bounded', async () => {
  const { url, close } = await receiver(() => undefined);
  let said = 0;
  const waiting: Delivery[] = [{ id: 'before', body: '{}' }];
  const hook = webhook(url, { say: () => (said += 1), waiting, patience: 20, pause: 5 });
  for (let i = 0; i < 1500; i++) hook.post(`${i}`, { i });
  assert.is(hook.waiting.length, 1000);
  assert.is(hook.waiting[0]!.id, 'before');
  assert.is(hook.waiting.at(-1)!.id, '1499');
  assert.equal([hook.dropped, said], [501, 501]);
  await hook.close(100); // before any of them is delivered
  assert.equal([hook.delivered, hook.waiting.length], [0, 1000]);
  close();
});

test('what waits for a webhook is bounded in bytes, that of an earlier run too, and long texts are shortened', async () => {
  const { url, close } = await receiver(() => undefined);
  const body = JSON.stringify({ line: 'y'.repeat(1_000_000) });
  const waiting: Delivery[] = Array.from({ length: 30 }, (_, i) => ({ id: `before ${i}`, body }));
  const hook = webhook(url, { say: () => undefined, waiting, patience: 20, pause: 5 });
  const bytes = (): number => hook.waiting.reduce((sum, event) => sum + event.body.length, 0);
  assert.ok(bytes() <= 4 * 1024 * 1024, `${bytes()} bytes`);
  for (let i = 0; i < 600; i++)
    hook.post(`${i}`, { type: 'alarm', line: 'x'.repeat(0x100000), strange: [{ text: 'z' }] });
  assert.ok(bytes() <= 4 * 1024 * 1024, `${bytes()} bytes`);
  assert.is(hook.waiting.at(-1)!.body, JSON.stringify({ type: 'alarm', line: `${'x'.repeat(4096)}…`, strange: [{ text: 'z' }] })); // prettier-ignore
  assert.is(hook.dropped + hook.waiting.length, 630);
  await hook.close(1);
  close();
});

test('an event that comes when the last one has just been dealt with is delivered at once', async () => {
  const { url, sent, close } = await receiver((times) => [400, 200][times - 1]);
  const hook = webhook(url, { say: () => queueMicrotask(() => hook.post('b', {})) });
  hook.post('a', {});
  await until(() => hook.dropped > 0);
  await hook.close(PATIENCE);
  assert.equal(sent.map(({ headers }) => headers['webhook-id']), ['a', 'b']); // prettier-ignore
  assert.equal([hook.delivered, hook.waiting], [1, []]);
  close();
});

test('lag: bytes that are not read, and how long they have been there', () => {
  const path = join(emptyFolder(), 'a.log');
  writeFileSync(path, 'x'.repeat(100));
  let now = 0;
  const lag = lagMeter(path, () => now);
  const inode = '0';
  const place = (offset: number) => ({ inode, offset, head: '', modified: 0 });
  lag.look(place(10));
  assert.is(lag.bytes, 100, 'of another file');
  const own = { ...place(100), inode: String(statOf(path)) };
  lag.look(own);
  assert.equal([lag.bytes, lag.seconds], [0, 0]);
  appendFileSync(path, 'y'.repeat(50));
  now = 1000;
  lag.look(own);
  now = 4000;
  lag.look(own);
  assert.equal([lag.bytes, lag.seconds], [50, 3]);
  assert.ok(lag.caughtUp);
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'z'.repeat(7));
  now = 6000;
  lag.look(own);
  assert.equal([lag.bytes, lag.seconds], [57, 5], 'over a rotation');
  lag.look({ ...own, offset: 150 });
  assert.equal([lag.bytes, lag.seconds], [7, 0]);
  lag.look({ ...own, inode: String(statOf(path)), offset: 7 });
  assert.equal([lag.bytes, lag.seconds], [0, 0]);
});

test('lag: a slow reader leaves nothing out of what was there when it began, but of what it falls behind later', () => {
  const path = join(emptyFolder(), 'a.log');
  writeFileSync(path, 'x'.repeat(1_000_000));
  const said: string[] = [];
  let now = 0;
  const watch = lagWatch(path, 10, (message) => said.push(message), () => now); // prettier-ignore
  const look = (seconds: number, offset: number): boolean => {
    now = seconds * 1000;
    watch.look({ inode: String(statOf(path)), offset, head: '', modified: 0 }, 0);
    return watch.isBehind;
  };
  assert.is(look(0, 0), false);
  for (let second = 1; second <= 20; second++) {
    appendFileSync(path, 'y'.repeat(100));
    assert.is(look(second, second * 49_999), false, `${second} s, near the end of what was there`);
  }
  assert.is(watch.seconds, 20);
  assert.is(look(21, 1_000_100), false, 'what came in the meantime is of the first catch-up, too');
  assert.is(look(22, 1_002_000), false);
  assert.is(watch.bytes, 0);
  appendFileSync(path, 'z'.repeat(1000));
  assert.is(look(23, 1_002_000), false);
  assert.is(look(34, 1_002_001), true);
  assert.is(look(35, 1_003_000), false);
  assert.equal(said.map((text) => text.split(/[:;]/)[0]), ['behind by 11 s, 999 bytes', 'caught up']); // prettier-ignore
});

test('lag: one that starts at a small file and stays within a second of the end has caught up without reaching it', () => {
  const path = join(emptyFolder(), 'a.log');
  writeFileSync(path, 'x'.repeat(100));
  let now = 0;
  const lag = lagMeter(path, () => now);
  const look = (offset: number): boolean => {
    lag.look({ inode: String(statOf(path)), offset, head: '', modified: 0 });
    return lag.caughtUp;
  };
  assert.is(look(0), false);
  appendFileSync(path, 'y'.repeat(100));
  now = 1000;
  assert.is(look(50), false);
  now = 2000;
  appendFileSync(path, 'y'.repeat(100));
  assert.is(look(150), true);
});

test('without --follow no line is left out, however slow it is', async () => {
  const status = { note: () => undefined, say: () => undefined, show: () => undefined, clear: () => undefined };
  const path = join(emptyFolder(), 'a.log');
  writeFileSync(path, 'x\n'.repeat(100));
  const common = { file: path, state: undefined, settings: {}, metrics: undefined, webhook: undefined, mostLag: -1 };
  const scoring: Scoring = { score: identity, text: String, summary: String, end: () => undefined } as never;
  for (const follow of [true, false]) {
    const watch = makeMonitor({ ...common, follow, status, typed: false });
    await watch.start(scoring);
    watch.reached({ inode: String(statOf(path)), offset: 200, head: '', modified: 0 });
    watch.done();
    assert.is(watch.behind, follow);
    await watch.end();
  }
});

test('lag: a name that leads nowhere any more is passed over', () => {
  const folder = emptyFolder();
  const path = join(folder, 'a.log');
  writeFileSync(path, 'x'.repeat(100));
  const lag = lagMeter(path);
  const place = { inode: String(statOf(path)), offset: 10, head: '', modified: 0 };
  lag.look(place);
  rmSync(path);
  symlinkSync(path, path);
  lag.look(place);
  assert.is(lag.bytes, 90);
  lagMeter(join(path, 'not-a-folder')).look(place);
});

const LOG = Array.from({ length: 900 }, (_, i) => `2026-01-02 03:${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')} INFO job ${i} done in ${i % 7} ms`); // prettier-ignore
const ODD = '2026-01-02 03:30:00 ERROR kernel: Out of memory: killed process 77 (java)';

test('--state: the next run continues behind the last line', async () => {
  const folder = emptyFolder();
  const path = join(folder, 'app.log');
  writeFileSync(path, `${LOG.join('\n')}\n`);
  const run = (...args: string[]) => runScript('surprise.ts', [path, '--learn', '--state', 's', ...args], folder);
  assert.is((await run()).status, 0);
  appendFileSync(path, `${ODD}\n`);
  const second = await run('--json');
  const [line, ...others] = second.stdout.trimEnd().split('\n').map((text) => JSON.parse(text) as Scored); // prettier-ignore
  assert.equal([line!.line, line!.number, others.length], [ODD, 901, 0]);
  assert.is((line as { repeated?: boolean }).repeated, undefined);
  const whole = await runScript('surprise.ts', [path, '--learn', '--json'], folder);
  const { alarm: _, ...rest } = JSON.parse(whole.stdout.trimEnd().split('\n').at(-1)!) as Scored;
  const { alarm: _own, ...own } = line!;
  assert.equal(own, rest);
});

test('--state: one of other settings, of another version or damaged is kept under another name, and the run starts from nothing', async () => {
  const folder = emptyFolder();
  const path = join(folder, 'app.log');
  const state = join(folder, 's');
  writeFileSync(path, `${LOG.slice(0, 300).join('\n')}\n`);
  const run = (...args: string[]) => runScript('surprise.ts', [path, '--learn', '--state', 's', ...args], folder);
  const kept = (): string[] => readdirSync(folder).filter((name) => name.startsWith('s.'));
  assert.is((await run()).status, 0);
  const good = readFileSync(state);

  const other = await run('--key', 'a');
  assert.is(other.status, 0);
  assert.match(other.stderr, /^--state s: it was made without --key, and this run is with --key a; it is kept as s\.\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d, and this run starts from nothing\n/); // prettier-ignore
  assert.match(other.stderr, /300 lines of/);
  assert.equal(readFileSync(join(folder, kept()[0]!)), good);
  assert.not.match((await run('--key', 'a')).stderr, /kept/, 'said once');
  appendFileSync(path, `${ODD}\n`);
  const back = await runScript('surprise.ts', [path, '--learn', '--json', '--state', kept()[0]!], folder);
  assert.is((JSON.parse(back.stdout) as Scored).number, 301, 'the one that was kept continues');

  const damaged = Uint8Array.from(good);
  damaged[damaged.length - 5]! ^= 1;
  const older = Buffer.from(good.toString('latin1').slice(STATE_HEAD.length + 65).replace('"surprise ', '"surprise 99'), 'latin1'); // prettier-ignore
  const digest = createHash('sha256').update(older).digest('hex');
  for (const [bytes, reason] of [
    [damaged, 'it was damaged'],
    [Buffer.concat([Buffer.from(`${STATE_HEAD}${digest}\n`), older]), 'it was made by another version'],
    [new Uint8Array(0), 'it is not a state'],
    [new Uint8Array(100), 'it is not a state'],
    [good.subarray(0, 5), 'it is not a state'],
    [good.subarray(0, 13), 'it is not a state'],
    [good.subarray(0, 40), 'it was damaged'],
    [good.subarray(0, 300), 'it was damaged'],
  ] as const) {
    const before = kept().length;
    writeFileSync(state, bytes);
    const { status, stderr } = await run();
    assert.equal([status, kept().length], [0, before + 1], stderr);
    assert.match(stderr, `--state s: ${reason}; it is kept as s.`);
  }
  for (const bytes of ['a file of somebody', `${STATE_HEAD}and more`]) {
    writeFileSync(state, bytes);
    const { status, stderr } = await run();
    assert.is(status, 2);
    assert.match(
      stderr,
      /^surprise\.ts: stateFile: s cannot be continued: it (?:is not a state|was damaged); move it away/,
    );
    assert.is(readFileSync(state, 'utf8'), bytes);
  }
  writeFileSync(state, good);
  const spelled = await runScript('surprise.ts', ['./app.log', '--learn', '--state', 's'], folder);
  assert.not.match(spelled.stderr, /kept/, 'the same FILE, spelled differently');
});
const STATE_HEAD = 'rxrnn state 1 ';

test('--state: what was learned counts after a restart; a mark that cannot be written ends nothing', async () => {
  const folder = emptyFolder();
  const path = join(folder, 'app.log');
  writeFileSync(path, `${LOG.slice(0, 700).join('\n')}\n`);
  mkdirSync(join(folder, '.s.mark')); // as where the disk is full
  const run = () => runScript('surprise.ts', [path, '--learn', '--state', 's'], folder);
  const first = await run();
  assert.equal([first.status, first.stderr.match(/lines may come twice after a kill/g)?.length], [0, 1]);
  rmSync(join(folder, '.s.mark'), { recursive: true });
  appendFileSync(path, `${LOG[700]}\n`);
  const second = await run();
  assert.is(second.status, 0);
  assert.match(second.stderr, /; nothing was strange\n/);
});

test('--fail-on-alarm, --top, --only and --otlp', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'app.log'), `${[...LOG, ODD, LOG[7]].join('\n')}\n`);
  const run = (...args: string[]) => runScript('surprise.ts', ['app.log', '--learn', ...args], folder);
  const text = await run('--fail-on-alarm', '--top', '1');
  assert.is(text.status, 3);
  assert.match(text.stdout, /^STRANGE 03:30:00 · line 901 · /);
  const [strangest, reasons] = text.stdout.split('\n').slice(-3);
  assert.match(strangest!, /^line 901 *[\d.]+ {2}2026-01-02 03:30:00 ERROR kernel/);
  assert.match(reasons!, /^ {2}new template · first error in 901 lines/);
  assert.match(text.stderr, /902 lines/);
  assert.match((await run('--format', 'json')).stderr, /902 of them not of --format json/);
  assert.match((await run('--ngram', '3')).stderr, /^with --ngram a model of text learns characters; without it /);
  const only = await run('--json', '--only', 'strange');
  assert.equal(only.stdout.trimEnd().split('\n').map((line) => (JSON.parse(line) as Scored).line), [ODD]); // prettier-ignore
  assert.is(only.stderr, '');
  const later = LOG.slice(0, 40).map((line) => line.replace('03:00', '03:31'));
  writeFileSync(join(folder, 'app.log'), `${[...LOG, ODD, ...later, ODD, LOG[7]].join('\n')}\n`);
  const folded = await run('--one-in', '100');
  assert.match(folded.stdout, /^STRANGE [^]*\n… 1 more like it up to line 942: 2026-01-02 03:30:00 ERROR kernel/);
  assert.not.match(folded.stderr, /more like it/);
  const otlp = await run('--otlp');
  assert.is(otlp.stdout.trimEnd().split('\n').length, 943);
});

test('times without a year are of the year in which the file was last written to', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'app.log'), 'Dec 31 23:59:58 db1 app[1]: a\nJan  1 00:00:01 db1 app[1]: b\n');
  const written = new Date('2019-01-01T12:00:00Z');
  utimesSync(join(folder, 'app.log'), written, written);
  const { stdout } = await runScript('surprise.ts', ['app.log', '--learn', '--json'], folder);
  const years = stdout.trimEnd().split('\n').map((line) => new Date((JSON.parse(line) as Scored).time!).getUTCFullYear()); // prettier-ignore
  assert.equal(years, [2018, 2019]);
});

test('the webhook gets an alarm with its trace: with the one that comes after it, and in the order of alarms', async () => {
  const folder = emptyFolder();
  const { url, sent, close } = await receiver(() => 200);
  const trace = [
    'com.acme.GoneException: no journal',
    '\tat java.util.A.b(A.java:1)',
    '\tat com.acme.Store.put(Store.java:7)',
  ];
  writeFileSync(join(folder, 'app.log'), `${[...LOG, ODD, ...trace, LOG[7]].join('\n')}\n`);
  const args = ['app.log', '--learn', '--webhook', url, '--json', '--only', 'strange'];
  const { status, stdout } = await runScript('surprise.ts', args, folder);
  close();
  assert.is(status, 0);
  assert.equal(
    stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Scored).map(({ line, trace, traceOf }) => [line, trace, traceOf]), // prettier-ignore
    [[ODD, undefined, undefined], ...[0, 2].map((i) => [trace[i], [trace[i]], 901])],
  );
  const events = sent.map(({ body }) => JSON.parse(body) as Scored & { readonly source: string });
  assert.equal(
    events.map(({ line, source, trace }) => [line, source, trace]),
    [[ODD, 'app.log', [trace[0], trace[2]]]],
  );
});

test('--follow: lines are answered as they are written; SIGTERM saves and ends', async () => {
  const folder = emptyFolder();
  const path = join(folder, 'app.log');
  const args = [await bundledScript('surprise.ts'), path, '--learn', '--json', '--follow', '--state', 's'];
  const child = spawn(process.execPath, args, { cwd: folder });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (stdout += chunk));
  const errors = once(child.stderr, 'data');
  assert.match(String((await errors)[0]), /app\.log: there is no such file yet; waiting for it/);
  for (const [count, line] of [
    [1, 'one'],
    [2, 'two'],
  ] as const) {
    // prettier-ignore
    appendFileSync(path, `${line}\n`);
    await until(() => stdout.split('\n').length > count);
  }
  child.kill('SIGTERM');
  assert.equal(await once(child, 'close'), [0, null]);
  assert.equal(stdout.trimEnd().split('\n').map((line) => (JSON.parse(line) as Scored).line), ['one', 'two']); // prettier-ignore
});

for (const [what, rotate] of [
  ['emptied', () => undefined],
  ['copied and emptied', (path: string) => copyFileSync(path, `${path}.1`)],
] as const) {
  test(`killed before its first minute, then the log is ${what}: every new line is printed`, async () => {
    const folder = emptyFolder();
    const path = join(folder, 'app.log');
    const rows = (count: number, what: string): string => Array.from({ length: count }, (_, i) => `${what} ${i}\n`).join(''); // prettier-ignore
    writeFileSync(path, rows(40, 'request'));
    const args = [await bundledScript('surprise.ts'), path, '--learn', '--json', '--state', 's'];
    const child = spawn(process.execPath, [...args, '--follow'], { cwd: folder });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (stdout += chunk));
    await until(() => stdout.split('\n').length > 40 && isMarked(folder, 40));
    child.kill('SIGKILL');
    await once(child, 'close');
    rotate(path);
    writeFileSync(path, rows(30, 'answer'));
    const { status, stdout: after } = await runScript(
      'surprise.ts',
      [path, '--learn', '--json', '--state', 's'],
      folder,
    );
    assert.is(status, 0);
    assert.equal(after.trimEnd().split('\n').map((line) => (JSON.parse(line) as Scored).line), rows(30, 'answer').trimEnd().split('\n')); // prettier-ignore
  });
}

const rowsOf = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `request ${from + i} served in ${i % 7} ms`);
const textOf = (rows: readonly string[]): string => rows.map((row) => `${row}\n`).join('');
const printedOf = (stdout: string) =>
  stdout.trimEnd().split('\n').map((text) => JSON.parse(text) as Scored & { readonly repeated?: boolean }); // prettier-ignore

/** Follows a log with a state `s` in a folder of its own; `begun` once it waits for lines. */
async function followedRun(path: string) {
  const folder = dirname(path);
  const args = [await bundledScript('surprise.ts'), path, '--learn', '--json', '--follow', '--state', 's'];
  const child = spawn(process.execPath, args, { cwd: folder });
  const closed = once(child, 'close');
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (stdout += chunk));
  child.stderr.resume();
  await until(() => existsSync(join(folder, 's')));
  return {
    lines: () => stdout.split('\n').length - 1,
    async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<string> {
      child.kill(signal);
      await closed;
      return stdout.slice(0, stdout.lastIndexOf('\n') + 1);
    },
  };
}

for (const [what, signal, initial, first] of [
  ['killed at the first line of an empty log', 'SIGKILL', 0, 1],
  ['killed at the first line of a log', 'SIGKILL', 3, 1],
  ['killed before the first line', 'SIGKILL', 0, 0],
  ['ended on an empty log', 'SIGTERM', 0, 0],
  ['ended before there was a log', 'SIGTERM', undefined, 0],
] as const) {
  test(`${what}, which then grows, is copied and emptied: every line comes`, async () => {
    const path = join(emptyFolder(), 'app.log');
    const all = rowsOf(0, 600);
    const begun = Math.max(first, initial ?? 0);
    if (initial !== undefined) writeFileSync(path, textOf(all.slice(0, initial)));
    const run = await followedRun(path);
    if (begun > (initial ?? 0)) appendFileSync(path, textOf(all.slice(0, begun)));
    await until(() => run.lines() >= first);
    const before = await run.end(signal);
    appendFileSync(path, textOf(all.slice(begun, 500)));
    copyFileSync(path, `${path}.1`);
    writeFileSync(path, textOf(all.slice(500)));
    const args = [path, '--learn', '--json', '--state', 's'];
    const { status, stdout } = await runScript('surprise.ts', args, dirname(path));
    assert.is(status, 0);
    const printed = printedOf(before + stdout);
    const single = printed.filter(({ number, repeated }, i) => repeated !== true || number !== printed[i - 1]?.number);
    assert.equal(single.map(({ number, line }) => [number, line]), all.map((line, i) => [i + 1, line])); // prettier-ignore
  });
}

test('killed after a rotation, the file before is gone: what was printed of the present one does not come again', async () => {
  const path = join(emptyFolder(), 'app.log');
  const all = rowsOf(0, 520);
  writeFileSync(path, textOf(all.slice(0, 300)));
  const run = await followedRun(path);
  await until(() => run.lines() >= 300);
  renameSync(path, `${path}.1`);
  writeFileSync(path, textOf(all.slice(300, 500)));
  await until(() => run.lines() >= 500 && isMarked(dirname(path), 500));
  rmSync(`${path}.1`);
  const before = await run.end('SIGKILL');
  appendFileSync(path, textOf(all.slice(500)));
  const { stdout } = await runScript('surprise.ts', [path, '--learn', '--json', '--state', 's'], dirname(path));
  const printed = printedOf(before + stdout);
  assert.equal(printed.map(({ number, line }) => [number, line]), all.map((line, i) => [i + 1, line])); // prettier-ignore
});

test('an id is that of one alarm, also where lines that were printed cannot be distinguished from those that come', async () => {
  const { url, sent, close } = await receiver(() => 200);
  const [folder, later] = [emptyFolder(), emptyFolder()];
  const path = join(folder, 'app.log');
  writeFileSync(path, 'x'.repeat(100));
  const said: string[] = [];
  const status = { note: () => undefined, say: (text: string) => said.push(text), show: () => undefined, clear: () => undefined }; // prettier-ignore
  const common = { file: path, settings: {}, metrics: undefined, webhook: url, mostLag: 10, follow: true, status };
  const state = lineScorer().state();
  const scoring: Scoring = { score: identity as never, text: String, summary: String, end: () => undefined, state: () => state }; // prettier-ignore
  const score = (watch: ReturnType<typeof makeMonitor>, number: number): void => {
    watch.reached({
      inode: String(statOf(path)),
      offset: 4 * number,
      head: `${4 * number}:0123456789abcdef`,
      modified: 0,
    });
    watch.count({ ...scored, number });
    assert.is(watch.printed(), 'no');
    watch.done();
  };
  const killed = makeMonitor({ ...common, typed: false, state: join(folder, 's') });
  await killed.start(scoring);
  for (const number of [1, 2, 3]) score(killed, number);
  for (const name of ['s', '.s.mark']) copyFileSync(join(folder, name), join(later, name));
  await killed.end();
  assert.equal(said, []);
  const next = makeMonitor({ ...common, typed: false, state: join(later, 's') });
  await next.start(scoring);
  next.isNew();
  score(next, 1);
  await next.end();
  close();
  const ids = sent.map(({ headers }) => String(headers['webhook-id']));
  assert.equal(ids.map((id) => id.split('-').at(-1)), ['1', '2', '3', '5']); // prettier-ignore
  assert.is(new Set(ids.map((id) => id.slice(0, id.lastIndexOf('-')))).size, 1);
  assert.match(
    said.join('\n'),
    /^\d lines that were printed after the last state cannot be distinguished from what comes: /,
  );
});

for (const [what, args, message] of [
  ['a state without learning', ['--state', 's'], /--state: without --learn no templates are learned/],
  ['a state beside a model of text', ['--learn', '--model', 'm', '--state', 's'], /--state: not with a model of text/],
  ['to follow standard input', ['--learn', '--follow'], /--follow: name the FILE that is to be followed/],
  ['an address that is none', ['--learn', '--metrics', 'here'], /--metrics must be PORT or ADDRESS:PORT, such as/],
  ['a port beyond the last', ['--learn', '--metrics', '99999'], /--metrics: a port is at most 65535, got 99999/],
  ['to overwrite nothing', ['--learn', '--force'], /--force: without --out nothing is saved/],
  ['a lag that is not measured', ['--learn', '--most-lag', '5'], /--most-lag: without --follow no line is left out/],
  ['the strangest lines as OTLP', ['--learn', '--otlp', '--top', '3'], /--top: lines are printed as they come/],
  ['a webhook that is none', ['--learn', '--webhook', 'ftp://a'], /--webhook must be an http: or https: URL/],
] as const) {
  test(`refuses ${what}`, () => assertRefused('surprise.ts', args, message));
}

test.run();

/** Whether the state in a folder says that so many lines were printed. */
function isMarked(folder: string, lines: number): boolean {
  const mark = join(folder, '.s.mark');
  return existsSync(mark) && Number(readFileSync(mark, 'utf8').split(' ')[1]) === lines;
}

function statOf(path: string): bigint {
  return statSync(path, { bigint: true }).ino;
}

async function assertRejects(promise: Promise<unknown>, message: RegExp): Promise<void> {
  await promise.then(
    () => assert.unreachable('it resolved'),
    (error: Error) => assert.match(error.message, message),
  );
}
