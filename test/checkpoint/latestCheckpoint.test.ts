import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { latestCheckpoint } from '../../src/checkpoint/latestCheckpoint.js';
import { saveCheckpoint } from '../../src/checkpoint/saveCheckpoint.js';
import { temporaryFolder } from './runs.js';
import { snapshotOf } from './snapshots.js';

test('none where there is no folder, or nothing in it', () => {
  const folder = temporaryFolder();
  assert.is(latestCheckpoint(folder), undefined);
  assert.is(latestCheckpoint(join(folder, 'missing')), undefined);
});

test('the newest by its step, not by its age or its name', () => {
  const folder = temporaryFolder();
  for (const step of [999_999_999, 1_000_000_000, 5]) saveCheckpoint(folder, snapshotOf(step % 7919), { keep: 9 });
  const at = (step: number): string => join(folder, `checkpoint-${String(step).padStart(9, '0')}.safetensors`);
  renameSync(at(1_000_000_000 % 7919), at(1_000_000_000));
  assert.is(latestCheckpoint(folder)!.training.step, 1_000_000_000 % 7919);
});

/** A folder of steps 1, 2 and 3. */
function three(): { folder: string; paths: string[] } {
  const folder = temporaryFolder();
  return { folder, paths: [1, 2, 3].map((step) => saveCheckpoint(folder, snapshotOf(step))) };
}

for (const [what, damage] of [
  ['truncated', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 999))],
  ['empty', (path: string) => writeFileSync(path, '')],
  ['a folder', (path: string) => (rmSync(path), mkdirSync(path))],
] as const) {
  test(`falls back from a file that is ${what}, and says so`, () => {
    const { folder, paths } = three();
    damage(paths[2]!);
    damage(paths[1]!);
    const refused: string[] = [];
    const saved = latestCheckpoint(folder, { onRefused: ({ message }) => refused.push(message) })!;
    assert.is(saved.training.step, 1);
    assert.is(saved.path, paths[0]);
    assert.equal(
      refused.map((message) => message.split(' could')[0]),
      [`loadCheckpoint: ${paths[2]}`, `loadCheckpoint: ${paths[1]}`],
    );
  });
}

test('by default it is a warning of the process', async () => {
  const { folder, paths } = three();
  writeFileSync(paths[2]!, '');
  const warning = new Promise<Error>((resolve) => process.once('warning', resolve));
  assert.is(latestCheckpoint(folder)?.training.step, 2);
  assert.match((await warning).message, `${paths[2]} could not be loaded: `);
});

test('the best is the last resort', () => {
  const { folder, paths } = three();
  renameSync(paths[0]!, join(folder, 'best.safetensors'));
  for (const path of paths.slice(1)) writeFileSync(path, '');
  assert.is(latestCheckpoint(folder, { onRefused: () => undefined })?.training.step, 1);
});

test('checkpoints of which none can be loaded are an error: no run starts over by itself', () => {
  const { folder, paths } = three();
  for (const path of paths) writeFileSync(path, '');
  assert.throws(
    () => latestCheckpoint(folder, { onRefused: () => undefined }),
    (error: Error) =>
      error.message.startsWith(
        `latestCheckpoint: none of the 3 checkpoints in ${folder} can be loaded; the newest: loadCheckpoint: ${paths[2]} could not`,
      ) && error.cause instanceof Error,
  );
});

test.run();
