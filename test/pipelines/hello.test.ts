import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertRefused, runScript } from './runScript.js';

test('three networks learn ohlol, and the next letters of hello become likely', async () => {
  const { status, stdout } = await runScript('hello.ts', []);
  assert.is(stdout.match(/^ohlol {2}epoch 15 of 15/gm)?.length, 3);
  assert.match(stdout, /^iter 1000, loss: 0\.\d+, predicted: ello$/m);
  const topLetters = [...stdout.matchAll(/^(\w+) +→ (.*)$/gm)].map(([, after, row]) => {
    const entries = row!.split('  ').map((cell) => cell.split(' ') as [string, string]);
    return `${after}${entries.toSorted((a, b) => Number(b[1]) - Number(a[1]))[0]![0]}`;
  });
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
