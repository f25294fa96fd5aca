import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { latestCheckpoint } from '../../src/checkpoint/latestCheckpoint.js';
import { sweepTemporaries } from '../../src/checkpoint/sweepTemporaries.js';
import { seeded } from '../../src/random/seeded.js';
import { compiled } from './compiled.js';
import { temporaryFolder } from './runs.js';
import { snapshotOf } from './snapshots.js';

const KILLS = 200;
const script = compiled(fileURLToPath(new URL('savesUntilKilled.ts', import.meta.url)), temporaryFolder());
const chance = seeded('kill');

/** Kills a writer at a random moment within a few of its saves; returns the last step that it printed. */
async function kill(folder: string): Promise<number> {
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = 0;
  const first = new Promise<void>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      printed = Number(line);
      resolve();
    });
  });
  const closed = new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (code, signal) => resolve([code, signal])),
  );
  await Promise.race([first, closed]);
  await setTimeout(chance.uniform(0, 25));
  child.kill('SIGKILL');
  const [code, signal] = await closed;
  assert.is(signal, 'SIGKILL', `exit status ${code}`);
  return printed;
}

test(`killed ${KILLS} times while saving: nothing is corrupt, and no save is lost`, async () => {
  let left = 0;
  let between = 0; // kills after a rename and before it was printed
  async function worker(kills: number): Promise<void> {
    const folder = temporaryFolder();
    for (let i = 0; i < kills; i++) {
      const printed = await kill(folder);
      const temporaries = readdirSync(folder).filter((name) => name.includes('.tmp-'));
      left += temporaries.length;
      const refused: Error[] = [];
      const { training } = latestCheckpoint(folder, { onRefused: (error) => refused.push(error) })!;
      assert.equal(refused, []);
      assert.ok(training.step === printed || training.step === printed + 1, `${training.step}, printed ${printed}`);
      if (training.step > printed) between++;
      assert.equal(training, snapshotOf(training.step).training);
      assert.is(sweepTemporaries(folder).length, temporaries.length);
    }
    const files = readdirSync(folder);
    assert.ok(files.length === 3 || files.length === 4, files.join(', ')); // four where one was not yet removed
  }
  await Promise.all([worker(KILLS / 2), worker(KILLS / 2)]);
  assert.ok(left > 0, 'some were killed in the middle of a file');
  console.log(`${KILLS} kills: ${left} half-written files swept, ${between} between rename and report`);
});

test.run();
