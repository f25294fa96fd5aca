// An encoder–decoder with an attention, killed while it learns and saves: it continues as an unbroken run does.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seeded } from '../../src/random/seeded.js';
import { STEPS } from './attentionRun.js';
import { compiled } from './compiled.js';
import { temporaryFolder } from './runs.js';

const script = compiled(fileURLToPath(new URL('learnsUntilKilled.ts', import.meta.url)), temporaryFolder());

/** Runs the writer until it has printed so many lines, kills it then, and returns the lines. */
function lines(folder: string, most = Infinity): Promise<string[]> {
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const read: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    read.push(line);
    if (read.length >= most) child.kill('SIGKILL');
  });
  return new Promise((resolve) => child.on('close', () => resolve(read)));
}

test('killed again and again while it saves, it makes the steps of an unbroken run', async () => {
  const unbroken = await lines(temporaryFolder());
  assert.is(unbroken.length, STEPS + 1);
  assert.match(unbroken.at(-1)!, /^weights /);
  const folder = temporaryFolder();
  const random = seeded('moments');
  let read: string[] = [];
  for (let run = 0; run < 50 && !read.at(-1)?.startsWith('weights'); run++) {
    read = await lines(folder, 3 + random.integer(4)); // three steps at least: one of them is saved
    const start = unbroken.indexOf(read[0]!);
    assert.ok(start >= 0, read[0]);
    assert.equal(read, unbroken.slice(start, start + read.length));
  }
  assert.is(read.at(-1), unbroken.at(-1));
});

test.run();
