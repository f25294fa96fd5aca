import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { from, lastValueFrom, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { detector, type Detected } from '../../pipelines/detect/detector.js';
import { foundLabels } from '../../pipelines/detect/foundLabels.js';
import { movingZScore } from '../../pipelines/detect/movingZScore.js';
import { strip } from '../../pipelines/detect/strip.js';
import { bundledScript } from './bundledScript.js';
import { assertRefused, emptyFolder, runScript, runShell } from './runScript.js';

const load = fileURLToPath(new URL('../../data/load.csv', import.meta.url));
const pairs = fileURLToPath(new URL('../../data/pairs.csv', import.meta.url));
const rows = readFileSync(load, 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','))
  .map(([timestamp, value]) => ({ timestamp: timestamp!, value: Number(value) }));
const detect = (given: readonly { timestamp: string; value: number }[]): Promise<Detected[]> =>
  lastValueFrom(from(given).pipe(detector(), toArray()));

test('finds the outage and the spike of the example, and nothing else', async () => {
  const alarms = (await detect(rows)).flatMap(({ score }, i) => (score >= 0.5 ? i : []));
  assert.equal(alarms, [1005, 1500]);
});

test('a score comes of the rows before it alone, and is in [0, 1]', async () => {
  const [all, some] = [await detect(rows), await detect(rows.slice(0, 700))];
  assert.equal(some, all.slice(0, 700));
  assert.ok(all.every(({ score, predicted }) => score >= 0 && score <= 1 && Number.isFinite(predicted)));
});

test('takes constant rows, enormous ones, and times that it cannot read', async () => {
  const odd = Array.from({ length: 400 }, (_, i) => ({ timestamp: `row ${i}`, value: i < 200 ? 0 : 1e12 * (i % 5) }));
  assert.ok((await detect(odd)).every(({ score }) => score >= 0 && score <= 1));
});

for (const wrong of [1e30, 1e300, -Number.MAX_VALUE]) {
  test(`one measurement of ${wrong} is an alarm, and the run goes on`, async () => {
    const given = rows.slice(0, 400);
    const seen = await detect(given.with(150, { ...given[150]!, value: wrong }));
    assert.is(seen.length, 400);
    assert.ok(seen[150]!.score >= 0.5 && seen[150]!.value === wrong);
    assert.ok(seen.every(({ score, predicted }) => score >= 0 && score <= 1 && Number.isFinite(predicted)));
    const among50 = await detect(given.with(20, { ...given[20]!, value: wrong })); // in what the scaling is taken from
    assert.ok(among50.every(({ score, predicted }) => score >= 0 && score <= 1 && Number.isFinite(predicted)));
  });
}

test('without times the view of the hour is left out, so that the distance of a row counts once', async () => {
  const first = rows.slice(0, 300);
  const timeless = await detect(first.map((row) => ({ ...row, timestamp: '' })));
  const twice = await detect(first.map((row) => ({ ...row, timestamp: '2026-01-05 00:00:00' }))); // one hour for all
  assert.ok(timeless.every(({ score }, i) => score <= twice[i]!.score));
  assert.ok(timeless.filter(({ score }, i) => score < twice[i]!.score).length > 100);
});

test('hours of half days are hours of the day', async () => {
  const first = rows.slice(0, 300);
  const halved = first.map(({ timestamp, value }) => {
    const [, year, month, day, hour, minute] = /^(\d+)-(\d+)-(\d+)[ T](\d+):(\d+)/.exec(timestamp)!;
    const clock = `${Number(hour) % 12 || 12}:${minute} ${Number(hour) < 12 ? 'AM' : 'PM'}`;
    return { timestamp: `${month}/${day}/${year} ${clock}`, value };
  });
  const scores = (found: Detected[]): number[] => found.map(({ score }) => score);
  assert.equal(scores(await detect(halved)), scores(await detect(first)));
});

test('--json prints a line per row, of a file and of standard input alike', async () => {
  const { stdout } = await runScript('detect.ts', ['--json', '--data', load]);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(Object.keys(lines[0]), ['timestamp', 'value', 'predicted', 'score', 'zScore']);
  const zScore = movingZScore();
  assert.equal(
    lines,
    (await detect(rows)).map((row) => ({ ...row, zScore: zScore(row.value) })),
  );
  const piped = await runShell('detect.ts', `head -300 ${load} | $SCRIPT --json`);
  assert.equal(piped.stdout.trim().split('\n'), stdout.split('\n').slice(0, 299));
  assert.is((await runScript('detect.ts', ['--json', '--no-wide', '--data', load])).stdout, stdout);
  const bare = await runShell('detect.ts', `printf '1\\n2\\n' | $SCRIPT --json`);
  assert.match(
    bare.stdout,
    /^\{"timestamp":"","value":1,"predicted":1,"score":0,"zScore":0\}\n\{"timestamp":"","value":2,/,
  );
});

test('without --json it prints the alarms and a picture', async () => {
  const { stdout } = await runScript('detect.ts', [load]);
  assert.match(stdout, /^2026-02-15 21:00:00 {2}12 where [\d.]+ was predicted \(score 0\.\d\d\)\n/);
  assert.match(stdout, /▲[^]*\n\n2016 rows, 2 alarms\nbeside it, a moving z-score \(6 deviations from the mean of up to 1000 rows\): 1 alarm\n$/); // prettier-ignore
});

test('the moving z-score: an alarm per event, constant rows and enormous ones', () => {
  const alarmsOf = (values: readonly number[]): number[] => {
    const score = movingZScore();
    const scores = values.map(score);
    assert.ok(scores.every((score) => score >= 0 && score <= 1));
    return scores.flatMap((score, i) => (score >= 0.5 ? i : []));
  };
  const wave = Array.from({ length: 2000 }, (_, i) => Math.sin(i));
  assert.equal(alarmsOf(wave), []);
  assert.equal(alarmsOf(wave.with(1500, 9).with(1501, 9)), [1500]);
  assert.equal(alarmsOf(wave.with(1500, 4)), [], 'within 6 deviations');
  assert.equal(alarmsOf(Array.from({ length: 300 }, (_, i) => (i === 200 ? 0.2 : 0.1))), [200]);
  assert.equal(alarmsOf(wave.with(300, 1e300).with(10, -Number.MAX_VALUE)).length, 1);
});

test('values that are held to what can be squared are said to be, at the first and at the end', async () => {
  const input = (value: string): string => `printf '1\\n${`${value}\\n`.repeat(3)}' | $SCRIPT --json`;
  const held = await runShell('detect.ts', input('-2e200'));
  assert.equal(held.stderr.trimEnd().split('\n'), [
    'row 2: -2e+200 is beyond 1e+150 in size: such rows are compared as if they were that large',
    '3 of 4 rows were beyond 1e+150 in size',
  ]);
  assert.is(held.stdout.trimEnd().split('\n').length, 4);
  assert.is((await runShell('detect.ts', input('1e150'))).stderr, '');
});

test('labels: runs of rows with an alarm, and alarms elsewhere', async () => {
  const counted = foundLabels();
  const marks = [[0, 1], [1, 0], [1, 1], [1, 1], [0, 0], [1, 0], [0, 1], [1, 1]]; // prettier-ignore
  for (const [isAnomaly, isAlarm] of marks) counted.add(isAnomaly === 1, isAlarm === 1);
  assert.equal(counted.count(), { anomalies: 3, found: 2, outside: 2 });
  const feed = `awk -F, 'NR==1{print $0",bad"} NR>1{print $0","(NR>=1005&&NR<=1010)+0}' ${load}`;
  const { stdout, stderr } = await runShell('detect.ts', `$SCRIPT --label bad --json < <(${feed}) | tail -1`);
  const zScore = { anomalies: 1, found: 1, outside: 0 };
  assert.equal([JSON.parse(stdout), stderr], [{ labels: { anomalies: 1, found: 1, outside: 1, zScore } }, '']);
  const wrong = await runShell('detect.ts', `printf 'value,bad\\n1,yes\\n' | $SCRIPT --label bad --columns value`);
  assert.match(wrong.stderr, /line 2: a label must be 0 or 1, or true or false, got "yes"\n$/);
});

test('standard input: semicolons, quotes, a byte order mark; decimal commas are refused, or read', async () => {
  const linesOf = async (input: string, more = ''): Promise<unknown> => {
    const { stdout, stderr } = await runShell('detect.ts', `$SCRIPT --json ${more} < <(printf '${input}')`);
    const rows = stdout.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Detected] : []));
    return [rows.map(({ timestamp, value }) => `${timestamp}=${value}`), stderr];
  };
  assert.equal(await linesOf('\\xef\\xbb\\xbf"timestamp";"value"\\r\\n"a";1.5\\r\\n'), [['a=1.5'], '']);
  assert.equal(await linesOf('timestamp;value\\na;1,5\\n', '--decimal ,'), [['a=1.5'], '']);
  assert.equal(await linesOf('1,5\\n2,5\\n', '--decimal ,'), [['=1.5', '=2.5'], '']);
  assert.equal(await linesOf('1,5\\n'), [
    ['1=5'],
    'standard input has no header: the time of 1,5 is 1, its value 5; --decimal , reads one number\n',
  ]);
  for (const more of ['', '--invalid skip']) {
    assert.equal(await linesOf('timestamp;value\\na;1,5\\n', more), [
      [],
      'detect.ts: standard input, line 2: value: "1,5" has a decimal comma; --decimal , reads it\n',
    ]);
  }
  assert.equal(await linesOf('value\\n1,5\\n', '--decimal ,'), [['=1.5'], '']);
  for (const commas of ['timestamp,value\\na,1.5\\n', '2026-01-01,1.5\\n', '"a","1,5"\\n']) {
    assert.equal(await linesOf(commas, '--decimal ,'), [
      [],
      'detect.ts: standard input, line 1: commas separate columns here, and with --decimal , they are in numbers: ' +
        'leave out --decimal , or separate columns by semicolons or tabs\n',
    ]);
  }
  assert.match(String(await linesOf('when,value\\na,1\\n')), /line 1: there is no column timestamp, only when, value/);
});

for (const [what, input, message] of [
  [
    'a value without a number',
    'timestamp,value\\na,1\\nb,x\\n',
    /detect\.ts: standard input, line 3: value must be a number, got "x"; --invalid skip passes over such rows\n$/,
  ],
  [
    'a row of another width',
    'timestamp,value\\na,1\\nb\\n',
    /detect\.ts: standard input, line 3: 2 fields expected, got 1\n$/,
  ],
  ['columns without names', 'a,b,c\\n', /detect\.ts: standard input: the first line must name the columns/],
] as const) {
  test(`refuses ${what}`, async () => {
    const { stderr } = await runShell('detect.ts', `printf '${input}' | $SCRIPT --json; (exit 0)`);
    assert.match(stderr, message);
  });
}
test('refuses a file without the columns, and says which option names others', () =>
  assertRefused('detect.ts', ['--data', pairs], /pairs\.csv: there is no column timestamp, only source, target; --columns names others\n$/)); // prettier-ignore
test('refuses a missing file', () =>
  assertRefused('detect.ts', ['--data', 'none.csv'], /none\.csv: there is no such file\n$/));

test('--columns names the time and the value, or the value alone', async () => {
  const line = (more: string): string => `printf 'load,when,x\\n1,2,7\\n3,4,8\\n' | $SCRIPT --json ${more}`;
  const fieldsOf = async (more: string): Promise<unknown[]> => {
    const { stdout, stderr } = await runShell('detect.ts', line(more));
    assert.is(stderr, '');
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as { timestamp: string; value: number });
    return rows.map(({ timestamp, value }) => [timestamp, value]);
  };
  assert.equal(await fieldsOf('--columns when,load'), [
    ['2', 1],
    ['4', 3],
  ]);
  assert.equal(await fieldsOf('--columns x'), [
    ['', 7],
    ['', 8],
  ]);
  const { stderr } = await runShell('detect.ts', line('--columns when,y'));
  assert.match(stderr, /standard input: the first line must name the columns when and y\n$/);
  await assertRefused('detect.ts', ['--columns', 'a,b,c'], /--columns must be TIME,VALUE or VALUE, got a,b,c/);
});

test('a picture of numbers at the limits shows where they are', () => {
  const drawn = strip();
  for (let i = 0; i < 200; i++)
    drawn.add({ timestamp: '', value: i < 100 ? 1.7e308 : -1.7e308, predicted: 0, score: 0 });
  assert.match(drawn.text(), /\n *1\.700e\+308 ┤·+\n/);
  assert.not.match(drawn.text(), /NaN|Infinity/);
});

test('Ctrl-C prints what there is so far, and says how far it came', async () => {
  const child = spawn(process.execPath, [await bundledScript('detect.ts'), '--json']);
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (stdout === '') child.kill('SIGINT');
    stdout += text;
  });
  child.stdin.write(readFileSync(load)); // and it stays open
  const status = await new Promise((resolve) => child.once('close', resolve));
  assert.is(status, 0, stderr);
  const seen = stdout.trimEnd().split('\n');
  const { timestamp } = JSON.parse(seen.at(-1)!) as { readonly timestamp: string };
  const count = seen.length === 1 ? '1 row' : `${seen.length} rows`;
  assert.ok(stderr.endsWith(`\nended before the end of standard input: ${count} scored, up to ${timestamp}\n`), stderr);
});

test('a stream without a row is said', async () => {
  const { status, stdout, stderr } = await runShell('detect.ts', '$SCRIPT --json </dev/null');
  assert.equal([status, stdout, stderr], [0, '', 'no rows in standard input: there is nothing to score\n']);
});

test('a picture of a long stream is as wide as one of a short one', () => {
  const drawn = strip();
  for (let i = 0; i < 5000; i++) drawn.add({ timestamp: '', value: i, predicted: i, score: i === 4000 ? 0.9 : 0 });
  const lines = drawn.text().split('\n');
  assert.ok(lines.every((line) => line.length <= 77));
  assert.match(lines.at(-1)!, /▲/);
});

for (const width of [20, 40, 41, 80, 200]) {
  test(`a picture fits into ${width} columns`, () => {
    const drawn = strip(width);
    for (let i = 0; i < 5000; i++) drawn.add({ timestamp: '', value: i, predicted: i, score: i === 4000 ? 0.9 : 0 });
    const lines = drawn.text().split('\n');
    assert.ok(
      lines.every((line) => line.length < width),
      lines.join('\n'),
    );
    assert.match(lines.at(-1)!, /▲/);
  });
}

test('--invalid says what becomes of a row without a number', async () => {
  const feed = (more: string): string => `$SCRIPT --json ${more} < <(printf 'a,1\\nb,NaN\\nc,\\nd,4\\n')`;
  const read = async (more: string): Promise<unknown[]> => {
    const { stdout, stderr, status } = await runShell('detect.ts', feed(more));
    const rows = stdout.split('\n').filter((line) => line !== '');
    const values = rows.map((line) => (JSON.parse(line) as { value: number }).value);
    return [status, values, stderr];
  };
  assert.equal(await read('--invalid skip'), [0, [1, 4], '2 rows without a number in value were skipped\n']);
  assert.equal(await read('--invalid carry'), [
    0,
    [1, 1, 1, 4],
    '2 rows without a number in value were given the number before\n',
  ]);
  const [status, values, stderr] = await read('');
  assert.equal([status, values], [2, [1]]);
  assert.match(stderr as string, /line 2: value must be a number, got "NaN"; --invalid skip passes over such rows\n$/);
});

test('names of columns are compared without the blanks around them', async () => {
  const path = join(emptyFolder(), 'blanks.csv');
  writeFileSync(path, 'timestamp, value\n2026-01-01,1\n2026-01-02,2\n');
  const { status, stdout } = await runScript('detect.ts', [path, '--json']);
  assert.equal([status, stdout.trimEnd().split('\n').map((line) => JSON.parse(line).value)], [0, [1, 2]]); // prettier-ignore
});

test.run();
