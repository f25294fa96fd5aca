import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { lastValueFrom } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { credit } from '../../src/flow/credit.js';
import { pull } from '../../src/flow/pull.js';
import { concatMapBounded } from '../../src/flow/concatMapBounded.js';
import { write } from '../../src/source/write.js';
import { quick, slow } from './slow.js';
import { outcome } from './temporary.js';

test('writes a line on each subscription and completes at once while there is room', () => {
  const stream = quick();
  const seen: string[] = [];
  const line$ = write('a', stream);
  line$.subscribe({ complete: () => seen.push('complete') });
  line$.subscribe();
  assert.equal([stream.text, seen], ['a\na\n', ['complete']]);
});

test('completes when a full stream has drained', async () => {
  const { stream, flush } = slow();
  let complete = false;
  write('a', stream).subscribe({ complete: () => (complete = true) });
  await setTimeout(1);
  assert.not(complete);
  flush();
  await setTimeout(1);
  assert.ok(complete);
});

test('leaves no listener behind, whatever the number of lines', async () => {
  const { stream, flush } = slow();
  const warnings: unknown[] = [];
  const collect = (warning: Error): void => void warnings.push(warning);
  process.on('warning', collect);
  const inFlight = credit({ high: 4 });
  const written = lastValueFrom(
    pull(range100(), inFlight).pipe(concatMapBounded(inFlight, (n) => write(`${n}`, stream))),
    {
      defaultValue: undefined,
    },
  );
  const before = listeners();
  for (let k = 0; k < 200; k++) {
    flush();
    await setTimeout(0);
  }
  await written;
  for (let k = 0; k < 50; k++) write('x', stream).subscribe().unsubscribe();
  for (let k = 0; k < 50; k++) write('x', stream).subscribe();
  assert.is(listeners(), before);
  process.off('warning', collect);
  assert.equal(warnings, []);

  function listeners(): number {
    return stream.eventNames().reduce((sum, name) => sum + stream.listenerCount(name), 0);
  }
});

test('100,000 lines through a credit arrive in order', async () => {
  const stream = quick();
  const inFlight = credit({ high: 8 });
  const lines$ = pull(
    Array.from({ length: 100_000 }, (_, i) => i),
    inFlight,
  ).pipe(concatMapBounded(inFlight, (n) => write(`${n}`, stream)));
  await lastValueFrom(lines$, { defaultValue: undefined });
  assert.is(stream.text.length, 588_890);
  assert.ok(stream.text.endsWith('\n99998\n99999\n'));
  assert.is(inFlight.held, 0);
});

test('a reader that left is an ordinary end: lines complete and are dropped', async () => {
  const stream = quick(2);
  for (const line of ['a', 'b', 'c', 'd']) {
    assert.is((await outcome(write(line, stream))).error, undefined);
    await setTimeout(1);
  }
  assert.is(stream.text, 'a\nb\n');
});

test('a line that waits completes when the reader leaves', async () => {
  const { stream } = slow();
  const written = outcome(write('a', stream));
  await setTimeout(1);
  stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  assert.is((await written).error, undefined);
});

test('a line that waits completes when the stream is closed', async () => {
  const { stream } = slow();
  const written = outcome(write('a', stream));
  stream.destroy();
  assert.is((await written).error, undefined);
});

test('another failure, such as a full disk, is an error of this and all later lines', async () => {
  const stream = quick(1, 'ENOSPC');
  assert.is((await outcome(write('a', stream))).error, undefined);
  for (let k = 0; k < 3; k++) assert.is((await outcome(write('b', stream))).error?.message, 'write ENOSPC');
});

test('an endless run piped to head stops, quietly and with status 0', async () => {
  const script = `
    import { takeUntil } from 'rxjs';
    import { yielding } from './src/flow/yielding.js';
    import { credit } from './src/flow/credit.js';
    import { pull } from './src/flow/pull.js';
    import { concatMapBounded } from './src/flow/concatMapBounded.js';
    import { closed } from './src/source/closed.js';
    import { write } from './src/source/write.js';
    const inFlight = credit({ high: 4 });
    function* naturals() { for (let i = 1; ; i++) yield i; }
    pull(naturals(), yielding(inFlight)).pipe(concatMapBounded(inFlight, (n) => write('line ' + n)), takeUntil(closed()))
      .subscribe({ complete: () => console.error('complete') });
  `;
  const { stdout, stderr } = await shell(
    `node --import tsx --input-type=module -e "$SCRIPT" | head -n 3; echo "status \${PIPESTATUS[0]}"`,
    {
      SCRIPT: script,
    },
  );
  assert.is(stdout, 'line 1\nline 2\nline 3\nstatus 0\n');
  assert.is(stderr, 'complete\n');
});

test.run();

function* range100(): Generator<number> {
  for (let i = 0; i < 100; i++) yield i;
}

function shell(command: string, env: Record<string, string>): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', command], { env: { ...process.env, ...env }, timeout: 30_000 });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', () => resolve({ stdout, stderr }));
  });
}
