import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundledModelPath } from '../../pipelines/models/bundledModelPath.js';
import {
  generateText,
  linear,
  loadModel,
  rnn,
  saveModel,
  seeded,
  sequential,
  unlimited,
  vocabularyOf,
} from '../../src/index.js';
import { assertRefused, emptyFolder, runScript } from './runScript.js';

const NAMES = bundledModelPath('names');

test('without flags it writes English after a line’s start, the same each time', async () => {
  const first = await runScript('generate.ts', []);
  assert.is(first.status, 0, first.stderr);
  assert.is(first.stderr, '');
  assert.is(Array.from(first.stdout).length, 401);
  const words = first.stdout.split(/[^a-z]+/iu);
  assert.ok(words.filter((word) => ['the', 'of', 'and', 'a', 'to', 'in'].includes(word)).length >= 8, first.stdout);
  assert.is((await runScript('generate.ts', [])).stdout, first.stdout);
  assert.is.not((await runScript('generate.ts', ['--seed', '1'])).stdout, first.stdout);
});

test('the prompt comes first, --stop ends, all of it is what generateText gives', async () => {
  const args = ['--model', NAMES, '--prompt', 'tri', '--temperature', '1', '--top-k', '5', '--top-p', '0.9'];
  const { status, stdout } = await runScript('generate.ts', [...args, '--stop', '\n', '--seed', '4']);
  const { model, vocabulary } = loadModel(NAMES);
  let text = 'tri';
  const previous = vocabulary!.token('\n')!;
  const options = { vocabulary: vocabulary!, prompt: 'tri', previous, topK: 5, topP: 0.9, stop: '\n' };
  generateText(model, { ...options, random: seeded(4), demand: unlimited }).subscribe(
    (generated) => (text += generated.text),
  );
  assert.is(status, 0);
  assert.is(stdout, `${text}\n`);
});

test('--json: one token with its bits per line, and nothing else', async () => {
  const { stdout } = await runScript('generate.ts', ['--json', '--max-tokens', '5', '--temperature', '0']);
  const lines = stdout.trimEnd().split('\n');
  assert.is(lines.length, 5);
  for (const line of lines) {
    const { token, bits, ...rest } = JSON.parse(line) as Record<string, unknown>;
    assert.ok(Number.isInteger(token) && Number(bits) > 0);
    assert.equal(rest, {});
  }
});

const refused: [what: string, args: string[], message: RegExp][] = [
  ['a model that is not there', ['--model', 'none'], /none: there is no such file/],
  ['a prompt the model cannot read', ['--prompt', 'aé'], /--prompt: the model does not know "é"/],
  ['a share above 1', ['--top-p', '1.5'], /--top-p must be a positive number up to 1, got 1\.5/],
  ['a temperature below 0', ['--temperature', '-1'], /--temperature must be a number from 0, got -1/],
  ['no characters', ['--max-tokens', '0'], /--max-tokens must be a positive integer, got 0/],
];
for (const [what, args, message] of refused) {
  test(`refuses ${what}`, () => assertRefused('generate.ts', args, message));
}

test('refuses a model of more outputs than its vocabulary has symbols', async () => {
  const folder = emptyFolder();
  const path = join(folder, 'short.safetensors');
  const layers = { rnn: rnn({ inputSize: 2, hiddenSize: 3 }), linear: linear({ inputSize: 3, outputSize: 2 }) };
  saveModel(path, sequential(layers), { vocabulary: vocabularyOf(['a']) });
  const { status, stderr } = await runScript('generate.ts', ['--model', path], folder);
  assert.is(status, 2);
  assert.match(
    stderr,
    /short\.safetensors is not a model of text; .* \(its vocabulary has 1 symbols, the model 2 outputs\)\n$/,
  );
});

test('a temperature near 0 takes the likeliest', async () => {
  const [cold, coldest] = await Promise.all(
    ['0', '1e-300'].map((temperature) =>
      runScript('generate.ts', ['--temperature', temperature, '--max-tokens', '20', '--json']),
    ),
  );
  assert.is(coldest!.stdout, cold!.stdout);
  assert.is(coldest!.status, 0);
});

test('refuses a model without a vocabulary', async () => {
  const folder = emptyFolder();
  const path = join(folder, 'numbers.safetensors');
  const layers = { rnn: rnn({ inputSize: 2, hiddenSize: 3 }), linear: linear({ inputSize: 3, outputSize: 2 }) };
  saveModel(path, sequential(layers));
  const { status, stderr } = await runScript('generate.ts', ['--model', path], folder);
  assert.is(status, 2);
  assert.match(
    stderr,
    /--model: .*numbers\.safetensors is not a model of text; `rxrnn charlm --out FILE` makes one \(it has no vocabulary\)\n$/,
  );
});

test('a model of names, which has learned each alone, starts each again: no line is empty', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'names.txt'), 'anna\nberta\nclara\ndora\nemil\n');
  const made = await runScript('names.ts', ['--data', 'names.txt', '--iterations', '400', '--json'], folder);
  assert.is(made.status, 0, made.stderr);
  const args = ['--model', 'names.safetensors', '--max-tokens', '60'];
  const { stdout } = await runScript('generate.ts', args, folder);
  assert.is(stdout.length, 61);
  const lines = stdout.slice(0, -1).split('\n');
  assert.ok(lines.length > 8 && lines.slice(0, -1).every((line) => line.length > 1), stdout);
  const one = await runScript('generate.ts', [...args, '--prompt', 'an', '--stop', '\n'], folder);
  assert.match(one.stdout, /^an\w*\n\n$/);
  const part = await runScript('generate.ts', [...args, '--stop', 'a'], folder);
  assert.match(part.stdout, /^[^a]*a\n$/);
});

test.run();
