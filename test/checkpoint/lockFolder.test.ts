import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { take } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lockFolder } from '../../src/checkpoint/lockFolder.js';
import { patched } from './patched.js';
import { run, temporaryFolder } from './runs.js';

/** The number of a process that has just ended. */
const dead: number = spawnSync(process.execPath, ['-e', '']).pid;

test('a folder is taken once, and given back', () => {
  const folder = temporaryFolder();
  const unlock = lockFolder(folder);
  assert.throws(() => lockFolder(folder), /is in use by a run of this process since 2\d{3}-/);
  unlock();
  assert.equal(readdirSync(folder), []);
  const again = lockFolder(folder);
  unlock(); // not its own any more
  assert.throws(() => lockFolder(folder), /is in use/);
  again();
  assert.equal(readdirSync(folder), []);
});

test('a lock that cannot be written is not left behind', () => {
  const folder = temporaryFolder();
  const full = (): never => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  };
  patched({ writeFileSync: full }, () => assert.throws(() => lockFolder(folder), /ENOSPC/));
  assert.equal(readdirSync(folder), []);
  lockFolder(folder)();
});

test('a process that lives holds its lock, and the error names it', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '.lock'), `${process.ppid}  5\n`);
  assert.throws(() => lockFolder(folder), new RegExp(`is in use by a run of process ${process.ppid} since`));
});

for (const [what, text, age] of [
  ['of a dead process', `${dead}  5\n`, 0],
  ['of a process whose number another has now', `${process.ppid} 1 5\n`, 0],
  ['of an earlier process of our own number', `${process.pid}  5\n`, 86_400],
  ['that was never filled', '', 60],
  ['that says nothing', 'what?', 60],
] as const) {
  if (what.includes('another') && !existsSync('/proc/self/stat')) continue;
  test(`a lock ${what} is taken over`, () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '.lock'), text);
    const then = Date.now() / 1000 - age;
    utimesSync(join(folder, '.lock'), then, then);
    const unlock = lockFolder(folder);
    assert.ok(readFileSync(join(folder, '.lock'), 'utf8').startsWith(`${process.pid} `));
    unlock();
    assert.equal(readdirSync(folder), []);
  });
}

test('a lock that was made just now and is still empty is held', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '.lock'), '');
  assert.throws(() => lockFolder(folder), /is in use by a run of another process/);
});

test('checkpoint: a second run on the folder is refused; end, error and unsubscription give it back', () => {
  const folder = temporaryFolder();
  const errors: string[] = [];
  const start = (steps: number) =>
    run({ steps, checkpoints: { folder, every: 1000 } }).steps.subscribe({
      error: (error: Error) => errors.push(error.message),
    });
  let second = '';
  const first = run({ steps: 3, checkpoints: { folder, every: 1000 } });
  first.steps.subscribe(() => {
    if (second !== '') return;
    start(3);
    second = errors.pop() ?? 'not refused';
  });
  assert.match(second, /^checkpoint: .* is in use by a run of this process since .*; wait for its end or take another/);
  assert.not.ok(existsSync(join(folder, '.lock')), 'given back at the end');
  start(3); // an error: the folder holds a run
  assert.match(errors.pop()!, /holds a run of 3 steps/);
  assert.not.ok(existsSync(join(folder, '.lock')), 'given back on an error');
});

test('checkpoint: unsubscribing gives the folder back', () => {
  const folder = temporaryFolder();
  const locked: boolean[] = [];
  const { steps } = run({ checkpoints: { folder, every: 1000 } });
  steps.pipe(take(2)).subscribe(() => locked.push(existsSync(join(folder, '.lock'))));
  assert.equal(locked, [true, true]);
  assert.not.ok(existsSync(join(folder, '.lock')));
});

test('of processes that all find a stale lock, one at a time holds the folder', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'run'));
  writeFileSync(join(folder, 'run', '.lock'), `${dead}  5\n`);
  const module = new URL('../../src/checkpoint/lockFolder.ts', import.meta.url).href;
  const program = `const { lockFolder } = await import(${JSON.stringify(module)});
    try { lockFolder(${JSON.stringify(join(folder, 'run'))}); console.log('held'); }
    catch { console.log('refused'); }
    process.stdin.resume();`;
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', program];
  const children = [1, 2, 3].map(() => spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] }));
  const answers = await Promise.all(
    children.map(
      (child) =>
        new Promise<string>((resolve) => child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim()))),
    ),
  );
  for (const child of children) child.stdin.end(); // all have lived until here
  assert.equal(answers.toSorted(), ['held', 'refused', 'refused']);
});

test.run();
