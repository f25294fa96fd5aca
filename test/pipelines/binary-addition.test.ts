import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertRefused, runScript } from './runScript.js';

const golden = JSON.parse(readFileSync(new URL('../goldens/sys4-binary-addition.json', import.meta.url), 'utf8'));

test('prints a table of sums, of at most 40 columns', async () => {
  const { status, stdout } = await runScript('binary-addition.ts', ['--iterations', '1001']);
  assert.is(
    stdout,
    ` sums  error  a + b      network  right
    0  3.456  9 + 60           1     69
 1000  3.634  28 + 35        255     63
${/\d+ of the last 1000 sums right in every bit\n$/.exec(stdout)![0]}`,
  );
  assert.is(status, 0);
});

test('--parity numpy prints the published log, digit for digit', async () => {
  const { status, stdout } = await runScript('binary-addition.ts', ['--parity', 'numpy']);
  const log = golden.stdout_training.filter((line: string) => line !== '');
  assert.equal(stdout.trimEnd().split('\n'), log);
  assert.is(status, 0);
});

test('accepts other sizes, prints JSON and nothing else', async () => {
  const args = ['--bits', '32', '--hidden', '5', '--iterations', '1001', '--seed', '7', '--learning-rate', '0.05'];
  const { stdout, stderr } = await runScript('binary-addition.ts', [...args, '--json']);
  const marks = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(
    marks.map(({ iteration }) => iteration),
    [0, 1000],
  );
  for (const { a, b, predicted, expected, sum, error } of marks) {
    assert.is(Number.parseInt(expected.join(''), 2), a + b);
    assert.is(Number.parseInt(predicted.join(''), 2), sum);
    assert.is(expected.length, 32);
    assert.ok(a < 2 ** 31 && b < 2 ** 31 && error > 0);
  }
  assert.is(stderr, '');
});

const refused: [args: string[], message: RegExp][] = [
  [['--bits', '33'], /--bits must be a positive integer up to 32, got 33/],
  [['--bits', '0'], /--bits must be a positive integer up to 32, got 0/],
  [['--hidden', '-3'], /--hidden must be a positive integer up to 4096, got -3/],
  [['--iterations', 'many'], /--iterations must be a positive integer, got many/],
  [['--learning-rate', '-0.1'], /--learning-rate must be a positive number, got -0.1/],
  [['--seed', '1.5'], /--seed must be an integer from 0 to 4294967295, got 1.5/],
];
for (const [args, message] of refused) {
  test(`refuses ${args.join(' ')}`, () => assertRefused('binary-addition.ts', args, message));
}

test.run();
