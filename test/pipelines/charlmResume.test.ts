// charlm.ts --resume where the text has changed, and where the run had ended before its model was written.
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { emptyFolder, FULL_DISK, runScript, runShell } from './runScript.js';
import { loadModel } from '../../src/index.js';

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

/** A run of 60 steps in a folder, whose files of the path `part` cannot be written after so many writes. */
async function runOnFullDisk(part: string, writes: number, options: string) {
  const line = `echo '${TEXT}' >text.txt; ${FULL_DISK} FULL_DISK='${part} ${writes}' $SCRIPT ${SMALL.join(' ')} ${options}`;
  const { stdout, ...ran } = await runShell('charlm.ts', `${line} >o; s=$?; pwd; (exit $s)`);
  const folder = stdout.trim();
  const steps = readFileSync(join(folder, 'o'), 'utf8').match(/"step":\d+,"loss/g) ?? [];
  return { ...ran, folder, steps: steps.map((text) => Number(/\d+/.exec(text)![0])) };
}
const FULL = /^charlm\.ts: checkpoint: c\S* could not be written: ENOSPC: no space left on device, write\n$/;
const PROBE = 1;

for (const [what, every, last, stopped] of [
  ['last', 1000, 60, undefined],
  ['first', 20, 20, true],
] as const) {
  test(`the ${what} checkpoint does not fit on its disk: the model is saved all the same, exit status 1`, async () => {
    const found = await runOnFullDisk('c/', PROBE, `--steps 60 --checkpoint-every ${every} --validate-every 1000`);
    assert.match(found.stderr, FULL);
    assert.is(found.status, 1);
    assert.equal(
      found.steps,
      Array.from({ length: last }, (_, i) => i + 1),
    );
    const { provenance } = loadModel(join(found.folder, 'charlm.safetensors'));
    assert.equal([provenance!['steps'], provenance!['stopped']], [last, stopped]);
  });
}

test('neither the checkpoint nor the model fits: both are said', async () => {
  const found = await runOnFullDisk('safetensors', 2 * PROBE, '--steps 6');
  assert.match(
    found.stderr,
    /^charlm\.ts: checkpoint: c\S* could not .*; saveModel: charlm\.safetensors could not .*\n$/,
  );
  assert.is(found.status, 1);
});

test('a run that is to end by SIGTERM and whose checkpoint does not fit saves its model', async () => {
  const wait = 'for i in $(seq 300); do grep -q step o && break; sleep 0.1; done';
  const line = `& p=$!; ${wait}; kill -TERM $p; wait $p`;
  const found = await runOnFullDisk(
    'c/',
    PROBE,
    `--steps 100000000 --validate-every 1000000 --checkpoint-every 1000000 >o ${line}`,
  );
  assert.match(found.stderr, /\ncharlm\.ts: checkpoint: c\S* could not be written: ENOSPC[^\n]*\n$/);
  assert.is(found.status, 1);
  const { provenance } = loadModel(join(found.folder, 'charlm.safetensors'));
  assert.equal(provenance!['stopped'], true);
});

test('the best checkpoint is damaged: the last model is saved, and the damage said', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'text.txt'), TEXT);
  const args = [...SMALL, '--steps', '6'];
  assert.is((await runScript('charlm.ts', args, folder)).status, 0);
  rmSync(join(folder, 'charlm.safetensors'));
  writeFileSync(join(folder, 'c', 'best.safetensors'), 'damaged');
  const { status, stderr } = await runScript('charlm.ts', [...args, '--resume'], folder);
  assert.match(stderr, /\ncharlm\.ts: .*best\.safetensors.*\n$/);
  assert.is(status, 2);
  assert.is(loadModel(join(folder, 'charlm.safetensors')).provenance!['steps'], 6);
});

test.run();
