import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { from, lastValueFrom } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { aboutText } from '../../pipelines/replay/aboutText.js';
import { liveDiagram } from '../../pipelines/replay/liveDiagram.js';
import { openRun } from '../../pipelines/replay/openRun.js';
import { type Entry, print, readRecording, writeLog } from '../../src/recording.js';
import { assertRefused, runScript, runShell } from './runScript.js';

const recording = (name: string): string =>
  fileURLToPath(new URL(`../recordings/${name}.marbles.txt`, import.meta.url));
const hello = recording('hello-cell');
const folder = mkdtempSync(join(tmpdir(), 'rxrnn-'));
const ran = async (...args: string[]): Promise<string> => {
  const { status, stdout, stderr } = await runScript('replay.ts', args);
  assert.is(stderr, '');
  assert.is(status, 0);
  return stdout;
};

test('with no flags it runs a system and replays it', async () => {
  const { status, stdout, stderr } = await runShell('replay.ts', '$SCRIPT | head -3');
  assert.is(status, 0);
  assert.match(stdout, /^1\tinputs\t"\w+"\n1\tlosses\t3\.\d+\n/);
  assert.match(
    stderr,
    /^a recording is what a run read and computed, step by step; without FILE a short run of names /,
  );
});

test('a recording says what it is of in a sentence', () => {
  const sentences = [
    { system: 'names', seed: 0, hidden: 50, learningRate: 0.01 },
    { pipeline: 'studio', settings: { data: 'a\u001B[2J.txt', seed: 3, cell: 'lstm' } },
    { weights: [1, 2] },
    {},
    undefined,
  ].map(aboutText);
  assert.equal(sentences, [
    'a run of names with seed 0: hidden 50, learning rate 0.01',
    String.raw`a run of studio with seed 3: data a\u001b[2J.txt, cell lstm`,
    'a recorded run: weights [1,2]',
    'a recorded run',
    'a recorded run',
  ]);
});

test('prints the events as JSON and nothing else', async () => {
  const events = (await ran(hello, '--json'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(events[0], { step: 1, track: 'inputs', value: 'hello>ohlol' });
  assert.equal(events.filter(({ track }) => track === 'losses').length, 16);
  assert.equal(events.at(-1).track, 'weights');
});

test('an excerpt as a diagram', async () => {
  const [first, ...rows] = (await ran(hello, '--diagram', '--from', '3', '--to', '5')).split('\n');
  assert.is(first, 'from step 3');
  assert.equal(rows.slice(0, 3), ['inputs          aaa', 'losses          bcd', 'gradient norms  efg']);
});

test('an excerpt as SVG', async () => {
  const picture = await ran(hello, '--svg', '--to', '4');
  assert.match(picture, /^<svg [^]*<\/svg>\n$/);
  assert.is(picture.split('<circle').length - 1, 12);
});

test('one step per line, and the end of the lines ends the replay', async () => {
  const { status, stdout } = await runShell('replay.ts', `printf '\\n\\n' | $SCRIPT ${hello} --step`);
  assert.is(status, 0);
  assert.is(stdout.trimEnd().split('\n').length, 6);
});

test('scaled time passes', async () => {
  const started = performance.now();
  await ran(hello, '--speed', '4', '--to', '8');
  assert.ok(performance.now() - started >= 8 * 25);
});

test('a fresh run is the same', async () => {
  assert.is(await ran(hello, '--verify'), '48 marbles, as hello-cell with seed 0 does again\n');
});

test('a run that differs is reported with both diagrams and status 1', async () => {
  const path = join(folder, 'other.marbles.txt');
  const { about, tracks } = readRecording(hello);
  writeFileSync(path, print({ about: { ...(about as object), seed: 3 }, tracks }));
  const { status, stdout } = await runScript('replay.ts', [path, '--verify']);
  assert.is(status, 1);
  assert.match(stdout, /^losses: marble 1, at step 1, differs: expected [\d.]+, got [\d.]+\n\nExpected: {2}-a/);
});

test('another seed is reported by the first marble that differs', async () => {
  const { status, stdout } = await runScript('replay.ts', [hello, '--verify', '--seed', '3', '--json']);
  assert.is(status, 1);
  const { verified, message } = JSON.parse(stdout) as { verified: boolean; message: string };
  assert.is(verified, false);
  assert.match(message, /^losses: marble 1, at step 1, differs: expected 1\.3523\d+, got [\d.]+$/);
});

test('a recording is written to the file given', async () => {
  const path = join(folder, 'srn.marbles.txt');
  await ran('--system', 'srn-tanh', '--out', path, '--json');
  assert.is(readFileSync(path, 'utf8'), readFileSync(recording('srn-tanh'), 'utf8'));
});

test('where a recording was written is said', async () => {
  const { stderr } = await runScript('replay.ts', [
    '--system',
    'srn-tanh',
    '--out',
    join(folder, 'said.txt'),
    '--diagram',
  ]);
  assert.match(stderr, /^a recording is .* short run of srn-tanh is recorded now\nrecording saved in .*said\.txt\n$/);
});

test('a recording of another system, or another file, is not overwritten without --force', async () => {
  const path = join(folder, 'kept.txt');
  const args = ['--system', 'srn-tanh', '--out', path, '--json'];
  for (const [text, what] of [
    ['notes\n', 'exists and is not a recording'],
    [readFileSync(recording('srn-linear'), 'utf8'), 'holds a recording of srn-linear'],
  ]) {
    writeFileSync(path, text!);
    await assertRefused(
      'replay.ts',
      args,
      new RegExp(`kept\\.txt ${what}; --force overwrites it, another --out keeps it`),
    );
    assert.is(readFileSync(path, 'utf8'), text);
  }
  await ran(...args, '--force');
  await ran(...args); // what holds a recording of the same system may be written again
  assert.is(readFileSync(path, 'utf8'), readFileSync(recording('srn-tanh'), 'utf8'));
});

test('a run log is replayed as marbles are', async () => {
  const path = join(folder, 'run.log');
  const everything = { from: 0, to: Infinity };
  const entries = [...openRun(hello).steps(everything)].flat();
  await lastValueFrom(writeLog(path, from(entries), { block: 5 }), { defaultValue: undefined });
  assert.is(await ran(path, '--json'), await ran(hello, '--json'));
  assert.is(await ran(path, '--verify'), '48 marbles, as its digests say\n');
  assert.equal([...openRun(path).steps({ from: 4, to: 9 })], [...openRun(hello).steps({ from: 4, to: 9 })]);
});

test('marbles move in their place', () => {
  const view = liveDiagram(24);
  const at = (step: number, value: string): Entry => ({ title: 'letters', step, kind: 'N', value });
  assert.is(view([at(1, 'a')]), 'step 1\nletters  -a\n\nletters  "a"\n');
  assert.is(view([at(2, 'b')]), '\u001B[4A\u001B[Jstep 2\nletters  -ab\n\nletters  "b"\n');
  for (let step = 3; step <= 40; step++) view([at(step, 'c')]);
  assert.is(view([at(41, 'd')]), '\u001B[4A\u001B[Jstep 41\nletters  cccccccccd\n\nletters  "d"\n');
});

test('a value that is too long for the terminal is cut with a sign', () => {
  const picture = liveDiagram(24)([{ title: 'letters', step: 1, kind: 'N', value: 'x'.repeat(40) }]);
  assert.is(picture.trimEnd().split('\n').at(-1), `letters  "${'x'.repeat(12)}…`);
});

test('a terminal of unknown width has room for 80', () => {
  const [, row] = liveDiagram(0)([{ title: 'letters', step: 60, kind: 'N', value: 'a' }]).split('\n');
  assert.is(row, 'letters  60ms a');
});

const bad = join(folder, 'bad.marbles.txt');
writeFileSync(bad, readFileSync(hello, 'utf8').replace('a := "hello', 'a := hello'));

for (const [what, args, message] of [
  ['a recording that was edited', [bad], /bad\.marbles\.txt: expected a value, got "hello", at line 6, column 6/],
  ['a file that is missing', ['none.txt'], /none\.txt: there is no such file/],
  ['a folder', [folder], /is a directory, expected a file/],
  ['a folder that is missing', ['--out', 'no/x'], /--out no\/x cannot be written: the folder no is missing/],
  ['two files', [hello, hello], /at most one FILE/],
  ['an excerpt that ends before it begins', [hello, '--from', '5', '--to', '4'], /--to must be at least --from, got 4/],
  ['speed and steps at once', [hello, '--speed', '2', '--step'], /either --speed or --step, got both/],
  ['two kinds of picture', [hello, '--svg', '--diagram'], /either --diagram or --svg, got both/],
  ['an excerpt to be verified', [hello, '--verify', '--to', '4'], /either --verify or --to, got both/],
  ['a picture as JSON', [hello, '--json', '--svg'], /either --json or --svg, got both/],
  ['a system for a recording', [hello, '--system', 'names'], /either FILE or --system, got both/],
  ['a recording to be written again', [hello, '--out', 'x'], /either FILE or --out, got both/],
  ['an unknown system', ['--system', 'moon'], /--system must be srn-linear or/],
] as const) {
  test(`refuses ${what}`, () => assertRefused('replay.ts', args, message));
}

test.run();
