import { statSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundledModelPath } from '../../pipelines/models/bundledModelPath.js';
import { loadModel } from '../../src/index.js';
import { runScript } from './runScript.js';

test('the model of names is trained again to the same bytes', async () => {
  const { status, stdout, stderr } = await runScript('models/models.ts', ['--only', 'names', '--verify']);
  assert.is(status, 0, stderr);
  assert.match(stdout, /^names: [\d.]+ nats .*\n".*"\nnames: the same bytes\n$/);
});

test('another seed gives different bytes', async () => {
  const { status, stderr } = await runScript('models/models.ts', ['--only', 'names', '--verify', '--seed', '1']);
  assert.is(status, 2);
  assert.match(stderr, /names\.safetensors has different bytes\n$/);
});

test('the models are small and say where they come from', () => {
  for (const [name, data, most, loss] of [
    ['names', 'dinosaurs.csv', 150_000, 2],
    ['english', 'moby-dick.txt', 1_000_000, 1.4],
  ] as const) {
    const path = bundledModelPath(name);
    assert.ok(statSync(path).size < most, name);
    const { vocabulary, provenance } = loadModel(path);
    assert.ok(vocabulary!.token('\n') !== undefined);
    assert.is(provenance!['data'], data);
    assert.ok(Number(provenance!['validationLoss']) < loss, name);
  }
});

test.run();
