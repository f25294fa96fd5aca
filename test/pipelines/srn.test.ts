import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runScript } from './runScript.js';

const golden = (name: string): { stdout: string[] } =>
  JSON.parse(readFileSync(new URL(`../goldens/${name}.json`, import.meta.url), 'utf8'));

test('prints a table of steps for each network, of at most 40 columns', async () => {
  const { status, stdout } = await runScript('srn.ts', []);
  assert.match(stdout, /^linear\nstep {2}input {2}state {8}output\n {3}1 {2}1 1 {4}0\.000 0\.000 {2}4\.000 4\.000\n/);
  assert.match(stdout, /\n {3}3 {2}2 2 {4}0\.999 0\.999 {2}2\.000 2\.000\n\n/);
  assert.match(stdout, /\nstep {2}cell {9}layer\n {3}1 {2}1\.928 1\.928 {2}1\.928 1\.928\n/);
  for (const line of stdout.split('\n')) assert.ok(line.length <= 40, line);
  assert.is(status, 0);
});

test("--parity numpy prints the article's two programs line by line", async () => {
  const { status, stdout } = await runScript('srn.ts', ['--parity', 'numpy']);
  const lines = [
    '=== linear ===',
    ...golden('sys1-srn-linear').stdout,
    '=== tanh ===',
    ...golden('sys2-srn-tanh').stdout,
  ];
  assert.equal(stdout.split('\n'), lines);
  assert.is(status, 0);
});

test("--parity torch prints torch's outputs by cell and by layer", async () => {
  const { stdout } = await runScript('srn.ts', ['--parity', 'torch']);
  const outputs = [...stdout.matchAll(/^cell {2}: (.*) {2}layer {2}: (.*)$/gm)].map(([, cell, layer]) => [cell, layer]);
  const expected = ['tensor([[1.9281, 1.9281]])', 'tensor([[1.9985, 1.9985]])', 'tensor([[2.0000, 2.0000]])'];
  assert.equal(
    outputs,
    expected.map((text) => [text, text]),
  );
});

test('prints JSON and nothing else', async () => {
  const { stdout } = await runScript('srn.ts', ['--json', '--seed', '3']);
  const steps = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.is(steps.length, 12);
  assert.equal(steps[2], {
    nonlinearity: 'identity',
    input: [2, 2],
    stateBefore: [6, 6],
    state: [16, 16],
    output: [32, 32],
  });
});

test.run();
