import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertRefused, runScript } from './runScript.js';

test('three networks learn ohlol, and the next letters of hello become likely', async () => {
  const { status, stdout } = await runScript('hello.ts', []);
  assert.is(stdout.match(/^epoch {3}loss {2}letters\n {4}1 {2}\d\.\d{3} {2}\w/gm)?.length, 4);
  assert.is(stdout.match(/^ {3}15 {2}\d\.\d{3} {2}ohlol$/gm)?.length, 3);
  assert.match(stdout, /^ 1001 {2}0\.\d{3} {2}ello$/m);
  const [head, ...rows] = stdout.trimEnd().split('\n').slice(-5).map((line) => line.split(/ +/)); // prettier-ignore
  const topLetters = rows.map(([after, ...shares]) => {
    const top = Math.max(...shares.map(Number));
    return `${after}${head![shares.findIndex((share) => Number(share) === top) + 1]}`;
  });
  for (const line of stdout.split('\n')) assert.ok(line.length <= 40, line);
  assert.equal(topLetters, ['he', 'hel', 'hell', 'hello']);
  assert.is(status, 0);
});

test("with seed 0 the first two stay at ohlll, as torch's do", async () => {
  const { stdout } = await runScript('hello.ts', ['--seed', '0', '--json']);
  const last = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ epoch, variant }) => epoch === 15 && variant !== 'karpathy')
    .map(({ variant, predicted }) => [variant, predicted]);
  assert.equal(last, [
    ['A', 'ohlll'],
    ['B', 'ohlll'],
    ['C', 'ohlol'],
  ]);
});

test('refuses no epochs', () =>
  assertRefused('hello.ts', ['--epochs', '0'], /--epochs must be a positive integer, got 0/));

test.run();
