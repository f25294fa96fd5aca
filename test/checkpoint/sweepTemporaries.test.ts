import { spawnSync } from 'node:child_process';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sweepTemporaries } from '../../src/checkpoint/sweepTemporaries.js';
import { temporaryFolder } from './runs.js';

/** The number of a process that has just ended. */
const dead: number = spawnSync(process.execPath, ['-e', '']).pid;

test('removes what the dead left, and nothing else', () => {
  const folder = temporaryFolder();
  const left = join(folder, `.best.safetensors.tmp-${dead}-0`);
  const others = [
    `.best.safetensors.tmp-${process.ppid}-0`, // its process lives
    '.best.safetensors.tmp-1-0', // it lives, and may be another user's
    `.best.safetensors.tmp-${process.pid}-3`, // ours, and just written
    `best.safetensors.tmp-${dead}-0`, // not of our making
    `.best.safetensors.tmp-${dead}`,
    'checkpoint-000000001.safetensors',
  ];
  for (const path of [left, ...others.map((name) => join(folder, name))]) writeFileSync(path, '');
  assert.equal(sweepTemporaries(folder), [left]);
  assert.equal(readdirSync(folder).toSorted(), others.toSorted());
});

test('removes what an earlier process of our own number left', () => {
  const folder = temporaryFolder();
  const path = join(folder, `.a.tmp-${process.pid}-0`);
  writeFileSync(path, '');
  utimesSync(path, 1000, 1000);
  assert.equal(sweepTemporaries(folder), [path]);
});

test('removes what another machine left a day ago, and not what it may be writing', () => {
  const folder = temporaryFolder();
  const [written, left] = [1, 2].map((i) => join(folder, `.a.tmp-${dead}-999999999${String(i).padStart(15, '0')}`));
  for (const path of [written!, left!]) writeFileSync(path, '');
  utimesSync(left!, 1000, 1000);
  assert.equal(sweepTemporaries(folder), [left]);
});

test.run();
