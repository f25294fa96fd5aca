import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertRefused, emptyFolder, runScript } from './runScript.js';

interface Line {
  readonly epoch?: number;
  readonly cost?: number;
  readonly word?: string;
  readonly translated?: string;
  readonly attention?: { source: string[]; target: string[]; weights: number[][] };
}
const linesOf = (stdout: string): Line[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test("learns the article's pairs to torch's own costs, and translates its five words", async () => {
  const { status, stdout, stderr } = await runScript('translate.ts', ['--epochs', '1000']);
  assert.equal(stdout.trimEnd().split('\n'), [
    'Epoch: 1000 cost = 0.002183', // torch 1.13 under manual_seed(0) prints these two
    'Epoch: 1000 cost = 0.002187',
    'test',
    'man -> women',
    'mans -> women',
    'king -> queen',
    'black -> white',
    'up -> down',
  ]);
  assert.is(stderr, '');
  assert.is(status, 0);
});

test('reads any two columns, prints JSON and nothing else', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'numbers.csv'), 'zahl,number\neins,one\nzwei,two\ndrei,three\nfünf,five\n');
  const args = ['--data', 'numbers.csv', '--hidden', '32', '--epochs', '300', '--learning-rate', '0.01', '--seed', '3'];
  const lines = linesOf((await runScript('translate.ts', [...args, '--batch', '4', '--json'], folder)).stdout);
  assert.equal(
    lines.map(({ epoch, word }) => epoch ?? word),
    [300, 'eins', 'zwei', 'drei', 'fünf'],
  );
  assert.equal(
    lines.slice(1).map(({ translated }) => translated),
    ['one', 'two', 'three', 'five'],
  );
});

test('without padding in the loss, fed its own letters, it translates as well', async () => {
  const args = ['--ignore-padding', '--feed', 'own', '--epochs', '300', '--learning-rate', '0.005', '--hidden', '64'];
  const lines = linesOf((await runScript('translate.ts', [...args, '--json'])).stdout);
  assert.equal(
    lines.slice(2).map(({ translated }) => translated),
    ['women', 'women', 'queen', 'white', 'down'],
  );
});

test('with attention it translates, and says and draws what it looked at', async () => {
  const args = ['--attention', '--epochs', '300', '--learning-rate', '0.005', '--hidden', '32'];
  const { stdout, stderr } = await runScript('translate.ts', [...args, '--json']);
  const lines = linesOf(stdout).filter(({ word }) => word !== undefined);
  assert.equal(
    lines.map(({ translated }) => translated),
    ['women', 'women', 'queen', 'white', 'down'],
  );
  for (const { word, translated, attention } of lines) {
    const { source, target, weights } = attention!;
    assert.equal([source.join(''), target.join('')], [`${word}<end>`, `${translated}<end>`]);
    assert.is(weights.length, target.length);
    for (const row of weights) {
      assert.is(row.length, source.length);
      assert.ok(Math.abs(row.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-5);
    }
  }
  assert.is(stderr, '');
  const drawn = (await runScript('translate.ts', ['--attention', '--epochs', '1', '--hidden', '4'])).stdout;
  assert.match(drawn, /man -> .*\n {4}m a n ⏎\n {2}. [ ░▒▓█]+\n/);
  for (const more of [['--feed', 'pads'], ['--ignore-padding']]) {
    await assertRefused('translate.ts', ['--attention', ...more], /--attention pads nothing/);
  }
});

test('a smaller last batch is learned too', async () => {
  const { stdout } = await runScript('translate.ts', ['--batch', '4', '--epochs', '2', '--hidden', '8', '--json']);
  assert.is(linesOf(stdout).filter(({ cost }) => cost !== undefined).length, 2);
});

const folder = emptyFolder();
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const refused: [what: string, args: string[], message: RegExp][] = [
  ['a missing file', ['--data', 'none.csv'], /none\.csv/],
  ['an empty file', ['--data', file('empty.csv', '')], /empty\.csv: needs two columns/],
  ['a header alone', ['--data', file('header.csv', 'a,b\n')], /header\.csv: holds no pairs/],
  ['three columns', ['--data', file('three.csv', 'a,b,c\n1,2,3\n')], /needs two columns, source and target, got 3/],
  ['a short row', ['--data', file('short.csv', 'a,b\nx,y\nz\n')], /short\.csv, line 3/],
  ['no batch', ['--batch', '0'], /--batch must be a positive integer, got 0/],
];
for (const [what, args, message] of refused) {
  test(`refuses ${what}`, () => assertRefused('translate.ts', ['--epochs', '1', ...args], message));
}

test('--studio shows the run on a page, and changes nothing of it', async () => {
  const args = ['--attention', '--epochs', '40', '--hidden', '16'];
  const watched = await runScript('translate.ts', [...args, '--studio']);
  assert.match(watched.stderr, /^studio: http:\/\/127\.0\.0\.1:\d+\/\?token=\S+\n$/);
  assert.equal(watched.stdout, (await runScript('translate.ts', args)).stdout);
  assert.is(watched.status, 0);
});

test.run();
