import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resumeCommand } from '../../pipelines/charlm/checkpointOnInterrupt.js';
import { latestCheckpoint } from '../../src/index.js';
import { emptyFolder } from './runScript.js';

const script = fileURLToPath(new URL('interruptedRun.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

interface Ended {
  readonly status: number | null;
  readonly steps: readonly (readonly [step: number, loss: number])[];
  readonly stderr: string;
}

/** Runs the script in a folder; `watch` sees all that it has printed so far, and may send signals. */
function go(
  cwd: string,
  args: readonly string[],
  watch?: (out: string, interrupt: (signal?: 'SIGTERM') => void) => void,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', tsx, script, ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    const look = (): void => watch?.(stdout + stderr, (signal) => child.kill(signal ?? 'SIGINT'));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => ((stdout += chunk), look()));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => ((stderr += chunk), look()));
    child.on('close', (status) => {
      const lines = stdout.split('\n').filter((line) => line !== '');
      resolve({ status, stderr, steps: lines.map((line) => JSON.parse(line) as [number, number]) });
    });
  });
}

/** Interrupts once when something is printed. */
function onceAt(text: string): (out: string, interrupt: () => void) => void {
  let done = false;
  return (out, interrupt) => {
    if (!done && out.includes(text)) {
      done = true;
      interrupt();
    }
  };
}

test('Ctrl-C saves and prints how to resume; the run continues with the recorded loss, as if it had not stopped', async () => {
  const folder = emptyFolder();
  const stopped = await go(folder, ['--folder', 'my run'], onceAt('[20,'));
  assert.is(stopped.status, 0, stopped.stderr);
  const last = stopped.steps.at(-1)![0];
  assert.ok(last >= 20);
  const path = join('my run', `checkpoint-${String(last).padStart(9, '0')}.safetensors`);
  const lines = stopped.stderr.trim().split('\n');
  assert.is(lines[0], 'finishing the step and saving; Ctrl-C again to leave at once');
  assert.is(lines[1], `stopped after step ${last}, saved in ${path}; to go on:`);
  assert.match(lines[2]!, /^ {2}npx tsx .*interruptedRun\.ts --folder 'my run' --resume$/);

  const { nextLoss } = latestCheckpoint(join(folder, 'my run'))!;
  const resumed = await go(folder, ['--folder', 'my run', '--resume', '--steps', String(last + 30)]);
  assert.is(resumed.status, 0, resumed.stderr);
  assert.equal(resumed.steps[0], [last + 1, nextLoss]);
  assert.is(
    resumed.stderr,
    `resumed: step ${last + 1}, loss ${nextLoss}, to the bit the one recorded when it was stopped\n`,
  );
  const unbroken = await go(emptyFolder(), ['--steps', String(last + 30)]);
  assert.equal([...stopped.steps, ...resumed.steps], unbroken.steps);
});

test('SIGTERM saves too', async () => {
  const folder = emptyFolder();
  const once = onceAt('[20,');
  const { status, steps, stderr } = await go(folder, [], (out, interrupt) => once(out, () => interrupt('SIGTERM')));
  assert.is(status, 0, stderr);
  assert.is(latestCheckpoint(join(folder, 'run'))!.training.step, steps.at(-1)![0]);
});

test('a second Ctrl-C exits at once', async () => {
  let first = true;
  let second = true;
  const { status, stderr } = await go(emptyFolder(), ['--stall'], (out, interrupt) => {
    if (first && out.includes('[5,')) {
      first = false;
      interrupt();
    } else if (second && out.includes('Ctrl-C again')) {
      second = false;
      interrupt();
    }
  });
  assert.is(status, 130);
  assert.is(stderr.trim(), 'finishing the step and saving; Ctrl-C again to leave at once');
});

for (const [args, command] of [
  [['node', 'pipelines/charlm.ts', '--cell', 'gru'], 'npx tsx pipelines/charlm.ts --cell gru --resume'],
  [['node', 'pipelines/charlm.ts', '--resume', '--seed', '1'], 'npx tsx pipelines/charlm.ts --seed 1 --resume'],
  [['node', 'a b.ts', "--data=it's", ''], String.raw`npx tsx 'a b.ts' '--data=it'\''s' '' --resume`],
] as const) {
  test(`resumeCommand: ${command}`, () => assert.is(resumeCommand(args), command));
}

test.run();
