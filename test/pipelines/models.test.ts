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
  const paths = [bundledModelPath('names'), bundledModelPath('english')];
  assert.ok(paths.reduce((bytes, path) => bytes + statSync(path).size, 0) < 500_000);
  for (const [i, data] of ['dinosaurs.csv', 'moby-dick.txt'].entries()) {
    const { vocabulary, provenance } = loadModel(paths[i]!);
    assert.ok(vocabulary!.token('\n') !== undefined);
    assert.is(provenance!['data'], data);
    assert.ok(Number(provenance!['validationLoss']) < 2);
  }
});

test.run();
