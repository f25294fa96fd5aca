// charlm.ts --resume where the text has changed, and where the run had ended before its model was written.
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { emptyFolder, runScript } from './runScript.js';

const SMALL = ['--data', 'text.txt', '--hidden', '8', '--lanes', '2', '--window', '5', '--checkpoint', 'c', '--json'];
const TEXT = 'the quick brown fox jumps over the lazy dog\n'.repeat(40);

test('a text that changed is refused, and continues with --data-changed', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'text.txt'), TEXT);
  const args = [...SMALL, '--steps', '12', '--checkpoint-every', '4'];
  assert.is((await runScript('charlm.ts', args, folder)).status, 0);
  for (const name of readdirSync(join(folder, 'c')))
    if (!name.endsWith('04.safetensors')) rmSync(join(folder, 'c', name));
  appendFileSync(join(folder, 'text.txt'), 'dog\n');
  const refused = await runScript('charlm.ts', [...args, '--resume'], folder);
  assert.match(
    refused.stderr,
    /^charlm\.ts: --resume: the text has changed since c.*04\.safetensors was saved \(its SHA-256 is another\); --data-changed goes on\n$/,
  );
  assert.equal([refused.status, refused.stdout], [2, '']);
  const insisted = await runScript('charlm.ts', [...args, '--resume', '--data-changed'], folder);
  assert.match(insisted.stderr, /^resumed: step 5, loss [\d.]+, on a text that may have changed\n$/);
  assert.is(insisted.status, 0);
});

test('a run that was killed between its last step and its model: --resume writes the model', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'text.txt'), TEXT);
  const args = [...SMALL, '--steps', '6'];
  assert.is((await runScript('charlm.ts', args, folder)).status, 0);
  const model = readFileSync(join(folder, 'charlm.safetensors'));
  rmSync(join(folder, 'charlm.safetensors'));
  const { status, stderr } = await runScript('charlm.ts', [...args, '--resume'], folder);
  assert.is(stderr, '--resume: the run in c is complete; its model is saved\n');
  assert.is(status, 0);
  assert.equal(readFileSync(join(folder, 'charlm.safetensors')), model);
});

test.run();
